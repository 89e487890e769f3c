// The stage as a component: one on the Compare screen.

/** @type {WeakMap<HTMLElement, Stage>} */
const stages = new WeakMap();

/** @param {Component<StageData>} component */
export default function (component) {
  const parent = component.parentElement;
  let stage = stages.get(parent);
  if (!stage) {
    stage = new Stage(parent);
    stages.set(parent, stage);
  }
  clearTimeout(stage.leaving);
  stage.update(component);
  // A rerun may clean up and mount again at once.
  return () => {
    stage.leaving = setTimeout(() => {
      stage.destroy();
      stages.delete(parent);
    }, 500);
  };
}

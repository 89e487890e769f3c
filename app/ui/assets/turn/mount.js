// The turn as a component: one for each question of the conversation.

/** @type {WeakMap<HTMLElement, Turn>} */
const mounted = new WeakMap();

/** @param {Component<TurnData>} component */
export default function (component) {
  const parent = component.parentElement;
  let turn = mounted.get(parent);
  if (!turn) {
    turn = new Turn(parent);
    mounted.set(parent, turn);
  }
  clearTimeout(turn.leaving);
  turn.update(component);
  // A rerun may clean up and mount again at once: only a component that stays away closes its stream.
  return () => {
    turn.leaving = setTimeout(() => {
      turn.destroy();
      mounted.delete(parent);
    }, 500);
  };
}

// The entry that Streamlit calls: one viewer for each place on the page.

/** @type {WeakMap<HTMLElement, Viewer>} */
const mounted = new WeakMap();

/** @param {Component<ViewerData>} component */
export default function (component) {
  const parent = component.parentElement;
  const viewer = mounted.get(parent) ?? new Viewer(parent);
  mounted.set(parent, viewer);
  clearTimeout(viewer.leaving);
  viewer.update(component);
  // A rerun may clean up and mount again at once: only a component that stays away is taken down.
  return () => {
    viewer.leaving = setTimeout(() => {
      viewer.destroy();
      mounted.delete(parent);
    }, 500);
  };
}

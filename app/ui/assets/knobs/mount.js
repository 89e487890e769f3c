// The entry that Streamlit calls: one set of knobs for each place on the page.

/** @type {WeakMap<HTMLElement, Knobs>} */
const mounted = new WeakMap();

/** @param {Component<KnobsData>} component */
export default function (component) {
  const parent = component.parentElement;
  const knobs = mounted.get(parent) ?? new Knobs(parent);
  mounted.set(parent, knobs);
  clearTimeout(knobs.leaving);
  knobs.update(component);
  // A rerun may clean up and mount again at once: only a component that stays away is taken down.
  return () => {
    knobs.leaving = setTimeout(() => {
      knobs.destroy();
      mounted.delete(parent);
    }, 500);
  };
}

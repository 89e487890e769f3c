// The gallery as Streamlit mounts it: one an element, however often it is drawn.

/** @type {WeakMap<HTMLElement, Gallery>} */
const mounted = new WeakMap();

/** @param {Component<GalleryData>} component */
export default function (component) {
  const parent = component.parentElement;
  let gallery = mounted.get(parent);
  if (!gallery) {
    gallery = new Gallery(parent);
    mounted.set(parent, gallery);
  }
  gallery.update(component.data);
}

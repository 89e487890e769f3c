// The window's address follows what is open, without a step in the browser's history: Back leaves the page with one press,
// however many settings were tried on it.

const KEPT = /^(embed(_options)?|stage)$/; // how the window is framed is no part of what is open

/** @param {Component<{ page: string, base: string, query: string | null }>} component */
export default function (component) {
  const { page, base, query } = component.data;
  const path = location.pathname.replace(/\/+$/, "");
  const here = path === base ? "" : path.slice(base.length + 1);
  if (query === null || here !== page) return; // another page's address: this one has just been left
  const wanted = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => KEPT.test(name)));
  for (const [name, value] of new URLSearchParams(query)) wanted.append(name, value);
  const search = wanted.size ? `?${wanted}` : "";
  if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
}

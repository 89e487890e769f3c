// Streamlit's buttons say what they do and not to which row: here each is named for those who hear the screen instead of seeing it.
// A box to tick would be read with the signs of its words' markup, too.
// Names may come from outside: setAttribute only.

/** @param {Record<string, string>} names what each widget's key is called */
function nameAll(names) {
  for (const [key, name] of Object.entries(names))
    for (const one of document.querySelectorAll(`.st-key-${CSS.escape(key)} :is(button, input)`)) {
      const said = one.closest('[data-testid="stTooltipIcon"]') ? `Help for ${name}` : name;
      if (one.getAttribute("aria-label") !== said) one.setAttribute("aria-label", said);
    }
}

/** @param {Component<{ names: Record<string, string> }>} component */
export default function (component) {
  const { names } = component.data;
  nameAll(names);
  const drawn = new MutationObserver(() => nameAll(names)); // Streamlit puts in new buttons where a row is drawn anew
  drawn.observe(document.body, { childList: true, subtree: true });
  return () => drawn.disconnect();
}

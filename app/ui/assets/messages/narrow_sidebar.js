// Where the sidebar lies over the screen (a phone), choosing a screen in it puts it away: else it covers what was chosen.

const LIES_OVER = "(max-width: 767px)"; // Streamlit's own bound

/** @param {MouseEvent} click */
function putAway(click) {
  const chosen = click.target instanceof Element && click.target.closest('[data-testid="stSidebarNavLink"]');
  if (!chosen || !matchMedia(LIES_OVER).matches) return;
  /** @type {HTMLButtonElement | null} */
  const close = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
  close?.click();
}

// Of the tab, as the serials are: the component is mounted anew at each rerun.
if (!window.glyphSidebarIsPutAway) {
  window.glyphSidebarIsPutAway = true;
  document.addEventListener("click", putAway);
}

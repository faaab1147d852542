/** The focus of the keyboard. */

/** When the focused part goes away or is switched off, the heading of the page takes the focus, instead of nothing. */
export function keepFocus(): void {
  let last: Element | undefined;
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element) last = event.target;
  });
  const mend = () => {
    const isLost = last && (!last.isConnected || last.matches(":disabled"));
    if (!isLost || (document.activeElement !== document.body && document.activeElement !== last)) return;
    document.querySelector("h1")?.focus({ preventScroll: true });
  };
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}

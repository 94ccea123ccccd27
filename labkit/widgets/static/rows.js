// A list of texts to go to: arrows move in it, Enter or a click goes to the text.

const CUT = 140;

function makeRows(label, onopen) {
  const element = h("div", { class: "lk-rows", role: "group", "aria-label": label });
  element.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) event.preventDefault();
    if (way) move(way);
  });

  function move(way) {
    const rows = [...element.children];
    rows[rows.indexOf(element.querySelector(":focus")) + way]?.focus();
  }

  /** A row is {text, words, flagged, key} and whatever `onopen` needs. */
  function paint(rows) {
    element.replaceChildren(...rows.map(makeRow));
  }

  function makeRow(row) {
    const text = h("bdi", { class: "lk-row-text" }, row.text.slice(0, CUT).replace(/\s+/g, " ").trim());
    const words = h("bdi", { class: row.words ? "lk-row-words" : "lk-row-words lk-muted" }, row.words || "undecided");
    const flag = row.flagged ? h("span", { class: "lk-flagged" }, "flagged") : null;
    return h("button", { type: "button", class: "lk-row", title: row.key, onclick: () => onopen(row) }, text, flag, words);
  }

  return { element, paint, focusFirst: () => element.firstElementChild?.focus() };
}

// The panel that lists what was decided, the last first, so that the person can go back to any of it.

const PAGE = 10;

function makeHistory(session, words, onopen) {
  let last = null; // the place of the newest row, or null for the last decision
  const rows = makeRows("Your decisions, the last first", onopen);
  const empty = h("p", { class: "lk-muted" }, "No decision yet.");
  const older = h("button", { type: "button", class: "lk-button", onclick: () => turn(-PAGE) }, "Earlier");
  const newer = h("button", { type: "button", class: "lk-button", onclick: () => turn(PAGE) }, "Later");
  const pages = h("div", { class: "lk-pages" }, newer, older);
  const element = h("div", { class: "lk-panel", role: "region", "aria-label": "History" }, panelTitle("Your decisions"));
  element.append(empty, rows.element, pages);
  let asked = new Set();
  let painted = null;

  function bounds() {
    const newest = Math.min(last ?? session.at - 1, session.at - 1);
    return [Math.max(0, newest - PAGE + 1), newest];
  }

  function turn(by) {
    const moved = bounds()[1] + by;
    last = moved >= session.at - 1 ? null : moved;
    paint();
    rows.focusFirst();
  }

  function paint() {
    const [oldest, newest] = bounds();
    const places = Array.from({ length: newest - oldest + 1 }, (_, back) => newest - back);
    ask(places.filter((place) => !session.cards.has(place)));
    const cards = places.map((place) => session.cards.get(place)).filter(Boolean);
    const shown = cards.map((card) => ({ ...card, words: card.decided ? words(card.decided) : "" }));
    const now = JSON.stringify(shown.map(({ place, words: said, flagged }) => [place, said, flagged]));
    if (now !== painted) rows.paint(shown);
    painted = now;
    empty.hidden = newest >= 0;
    pages.hidden = session.at <= PAGE;
    newer.disabled = newest >= session.at - 1;
    older.disabled = oldest === 0;
  }

  /** Ask for cards that are not here, each once. */
  function ask(missing) {
    for (const place of missing.filter((each) => !asked.has(each))) {
      asked.add(place);
      session.look(place);
    }
  }

  function open() {
    last = null;
    asked = new Set();
    paint();
    rows.focusFirst();
  }
  return { element, paint, open };
}

// Below the text: what the next key relates, and the relations as a list, each a button that reads from head to tail.

/** The buttons of both kinds of label; digits are those of the kind that can be given now. */
function makeRelationLabels({ labels, span_labels: spanLabels, definitions }, keys, onpick) {
  const marks = makeLabels({ labels: spanLabels, definitions }, keys, onpick);
  const links = makeLabels({ labels, definitions }, keys, onpick);
  const bar = (words, { element }) => {
    element.setAttribute("aria-label", `Labels of ${words.toLowerCase()}`);
    return h("div", { class: "lk-label-bar" }, h("span", { class: "lk-bar-name lk-muted" }, words), element);
  };
  const bars = { marks: bar("Spans", marks), links: bar("Relations", links) };
  const element = h("div", { class: "lk-label-bars" }, bars.marks, bars.links);
  let live = marks;

  /** Say whether the digits are those of relations now. */
  function paintLive(related) {
    live = related ? links : marks;
    bars.marks.classList.toggle("lk-resting", related);
    bars.links.classList.toggle("lk-resting", !related);
  }

  function paintKeys() {
    marks.paintKeys();
    links.paintKeys();
  }
  paintLive(false);
  const ask = { at: (place) => live.at(place), find: () => live.find(), turnKey: () => keys.name("turn") };
  return { element, marks, links, paintLive, paintKeys, ...ask };
}

/** The list; `act` gets `reach` or `take` with a relation, and `words` writes a span. */
function makeRelationList(words, act) {
  const hint = h("p", { class: "lk-relation-hint", role: "status", dir: "auto" });
  const rows = h("div", { class: "lk-relation-rows", role: "group", "aria-label": "Relations" });
  const element = h("div", { class: "lk-relation-list" }, hint, rows);
  let drawn = [];

  /** `marks` are {relation, by, offered}. */
  function paint(marks) {
    drawn = marks.map((mark) => ({ ...mark, button: makeRow(mark) }));
    rows.replaceChildren(...drawn.map(({ button }) => button));
    rows.hidden = !drawn.length;
  }

  /** Give the focus to a relation's row; false where there is none. */
  function focus(active) {
    const row = active && drawn.find(({ relation, offered }) => !offered && sameRelation(relation, active));
    row?.button.focus({ preventScroll: true });
    return Boolean(row);
  }

  function makeRow({ relation, by, offered }) {
    const names = by?.join(", ");
    const said = `${words(relation.head)} ${relation.label} ${words(relation.tail)}`;
    const button = h(
      "button",
      {
        type: "button",
        class: `lk-relation${offered ? " lk-offered" : ""}${by ? " lk-outlined-relation" : ""}`,
        title: offered ? `Take over what ${names} says` : null,
        "aria-label": offered ? `${said}: take it, as ${names} says` : by ? `${said}, only ${names}` : said,
        onclick: () => act(offered ? "take" : "reach", relation),
        onfocus: () => offered || act("reach", relation),
      },
      h("bdi", { class: "lk-end" }, words(relation.head)),
      h("span", { class: "lk-arrow" }, h("bdi", {}, relation.label)),
      h("bdi", { class: "lk-end" }, words(relation.tail)),
      by ? h("bdi", { class: "lk-relation-by" }, `${offered ? "" : "only "}${names}`) : null,
    );
    return button;
  }

  /** Show which relation the next key changes, and say what it does. */
  function paintActive(active, sentence) {
    for (const { relation, offered, button } of drawn) {
      const holds = Boolean(active) && !offered && sameRelation(relation, active);
      button.classList.toggle("lk-active", holds);
      if (!offered) button.setAttribute("aria-pressed", holds);
    }
    setText(hint, sentence);
  }
  return { element, paint, paintActive, focus, holdsFocus: () => rows.contains(document.activeElement) };
}

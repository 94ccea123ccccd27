// The panel that says, where answers are compared, how much each person decided, how fast, and how far they agree.

const FIGURES = [
  ["decided", "decided", "Texts decided with a value"],
  ["rate", "a minute", "Decisions a minute while at work, by the median"],
  ["changed", "changed", "Decided otherwise than the first suggestion"],
  ["shared", "shared", "Texts that others have decided, too"],
  ["kappa", "kappa", "Cohen's kappa with the others, weighted by the texts they share"],
  ["alpha", "alpha", "Krippendorff's alpha of all who decided the texts this person shares"],
];

function makePeople({ people = [] }) {
  const heads = FIGURES.map(([, head, title]) => h("th", { scope: "col", title }, head));
  const rows = people.map((person) => {
    const figures = FIGURES.map(([name]) => h("td", {}, writeFigure(name, person[name])));
    return h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, person.person)), ...figures);
  });
  const table = h("table", {}, h("tr", {}, h("th", { scope: "col" }, "person"), ...heads), ...rows);
  const scrolls = h("div", { class: "lk-people", role: "group", "aria-label": "People's figures", tabindex: 0 }, table);
  const title = panelTitle("Who decided, how fast, and how far they agree");
  return { element: h("div", { class: "lk-panel", role: "region", "aria-label": "People" }, title, scrolls) };
}

/** Write a figure; none where there is nothing to tell it from. */
function writeFigure(name, value) {
  if (value == null) return "–";
  if (name === "kappa" || name === "alpha") return value.toFixed(2);
  return name === "rate" ? value.toFixed(1) : String(value);
}

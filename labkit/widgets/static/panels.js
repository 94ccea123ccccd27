// What opens below the card, one at a time: help, guideline, history, search.

function panelTitle(words) {
  return h("h4", {}, words);
}

/** One panel is open at most; `open` asks each for its parts when it is shown. */
class Panels {
  constructor(panels, onchange) {
    this.panels = panels;
    this.onchange = onchange;
    this.current = null;
    this.element = h("div", { class: "lk-panels" }, ...Object.values(panels).map(({ element }) => element));
    for (const { element } of Object.values(panels)) element.hidden = true;
  }

  /** Open a panel, or close it if it is the one that is open. */
  toggle(name) {
    const next = this.current === name ? null : name;
    if (this.current) this.panels[this.current].element.hidden = true;
    this.current = next;
    if (next) {
      this.panels[next].element.hidden = false;
      this.panels[next].open?.();
    }
    this.onchange(next);
  }

  /** Close what is open; false where nothing is. */
  close() {
    if (!this.current) return false;
    this.toggle(this.current);
    return true;
  }

  paint() {
    if (this.current) this.panels[this.current].paint?.();
  }
}

/** What Markdown becomes: nothing else is built, and of attributes only those of a link. */
const MARKUP = new Set(
  "p h5 h6 ul ol li em strong del code pre blockquote hr br a table thead tbody tr th td".split(" "),
);
const LINK = { target: "_blank", rel: "noopener noreferrer" };

/** Build what Python has made of Markdown. */
function readMarkup(markup) {
  const copy = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    const parts = [...node.childNodes].flatMap(copy);
    if (!MARKUP.has(node.localName)) return parts;
    const link = /^(https?|mailto):/.test(node.href ?? "") ? { ...LINK, href: node.href } : {};
    return [h(node.localName, link, ...parts)];
  };
  return [...new DOMParser().parseFromString(markup, "text/html").body.childNodes].flatMap(copy);
}

/** The guideline and what the labels mean. */
function makeGuideline({ guideline, task: { labels, span_labels: spanLabels = [], definitions } }) {
  const meanings = [...labels, ...spanLabels].flatMap((label) => [
    h("dt", {}, h("bdi", {}, label)),
    h("dd", { dir: "auto" }, definitions[label] || "no definition"),
  ]);
  const reads = { role: "group", "aria-label": "Guideline's text", tabindex: 0 };
  const text = guideline ? h("div", { class: "lk-guideline", dir: "auto", ...reads }) : null;
  text?.append(...readMarkup(guideline));
  const attributes = { class: "lk-panel", role: "region", "aria-label": "Guideline" };
  return {
    element: h("div", attributes, panelTitle("Guideline"), text, panelTitle("Labels"), h("dl", {}, ...meanings)),
  };
}

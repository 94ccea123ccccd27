// The panel that searches and filters the project's texts.

const SEARCH_MS = 200;
const COUNTED = 1000;
const OWN_OUTCOMES = ["accept", "reject", "ignore", "undecided"];
const REPLY_OUTCOMES = ["parsed", "explicitly none", "unknown label", "several", "not in text", "unreadable"];
REPLY_OUTCOMES.push("empty", "refused", "truncated", "error");

function makeSearch(session, { task, annotators = [] }, onopen) {
  const text = h("input", { class: "lk-field", type: "search", placeholder: "Words in the text" });
  text.setAttribute("aria-label", "Words in the text");
  const label = choose("Any label", task.labels);
  const annotator = choose("Any annotator", annotators);
  const outcome = choose("Any outcome", OWN_OUTCOMES);
  annotator.addEventListener("change", offerOutcomes);
  const disagreement = check("They differ");
  const flagged = check("Flagged");
  const total = h("p", { class: "lk-muted", role: "status" });
  const rows = makeRows("Texts that were found", onopen);
  const back = h("button", { type: "button", class: "lk-button", onclick: goBack }, "Back");
  const more = h("button", { type: "button", class: "lk-button", onclick: goOn }, "More");
  const pages = h("div", { class: "lk-pages", hidden: true }, back, more);
  const filters = h("div", { class: "lk-filters" }, text, label, annotator, outcome);
  filters.append(disagreement.element, flagged.element);
  const element = h("div", { class: "lk-panel", role: "region", "aria-label": "Search" }, panelTitle("Search"));
  element.append(filters, total, rows.element, pages);
  let [shown, offset, passed, timer] = [0, 0, [], null]; // `passed` are the offsets of the pages before
  filters.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_MS);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") rows.focusFirst();
  });

  function choose(all, values) {
    const select = h("select", { class: "lk-field", hidden: !values.length });
    select.setAttribute("aria-label", all.replace("Any ", ""));
    return offer(select, all, values);
  }

  function offer(select, all, values) {
    const options = values.map((value) => h("option", { value }, value));
    select.replaceChildren(h("option", { value: "" }, all), ...options);
    return select;
  }

  /** An annotator's outcomes are those of replies; without one, what this person did is meant. */
  function offerOutcomes() {
    offer(outcome, "Any outcome", annotator.value ? REPLY_OUTCOMES : OWN_OUTCOMES);
  }

  function check(words) {
    const box = h("input", { type: "checkbox" });
    return { box, element: h("label", { class: "lk-check" }, box, words) };
  }

  function query() {
    return {
      text: text.value.trim(),
      label: label.value || null,
      annotator: annotator.value || null,
      outcome: outcome.value || null,
      disagreement: disagreement.box.checked,
      flagged: flagged.box.checked,
    };
  }

  function search() {
    [offset, passed] = [0, []];
    session.find(query(), offset);
  }

  function goOn() {
    passed.push(offset);
    offset += shown;
    session.find(query(), offset);
  }

  function goBack() {
    offset = passed.pop() ?? 0;
    session.find(query(), offset);
  }

  /** Take in what was found, if it is still what is asked for. */
  function receive(found) {
    if (found.offset !== offset || found.query.text !== text.value.trim()) return;
    shown = found.rows.length;
    rows.paint(found.rows);
    total.textContent = found.problem ?? describeTotal(found.total);
    back.disabled = offset === 0;
    more.disabled = offset + shown >= found.total;
    pages.hidden = back.disabled && more.disabled;
  }

  function open() {
    text.focus();
    search();
  }
  return { element, receive, open, paint: () => {} };
}

/** How many there are; Python counts no further than this. */
function describeTotal(total) {
  if (total >= COUNTED) return `${COUNTED} texts or more`;
  return total === 1 ? "1 text" : `${total} texts`;
}

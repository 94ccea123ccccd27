// The buttons below the card: those that decide, and the tools.

const DECIDERS = {
  accept: { look: "lk-primary", text: "Accept", title: "Accept what is chosen" },
  reject: {
    text: "Reject",
    title:
      "Reject: what is suggested is wrong, and nothing is given instead. " +
      "It is no negative: to say that none applies, accept with nothing chosen",
  },
  ignore: { text: "Ignore", title: "Ignore: say nothing of this text" },
  undo: { look: "lk-quiet lk-last", text: "Undo", title: "Undo the last decision" },
};
const TOOLS = {
  flag: { text: "Flag", title: "Flag this text for discussion" },
  note: { text: "Note", title: "Write a note" },
  guideline: { text: "Guideline", title: "The guideline, and what the labels mean" },
  history: { text: "History", title: "Go back through your decisions" },
  search: { text: "Search", title: "Search and filter the texts" },
  people: { text: "People", title: "Who decided, how fast, and how far people agree" },
  help: { text: "Help", title: "The keys" },
};

/** `known` are the commands that there are, `act` gets the one that is asked for. */
function makeActions(known, keys, act) {
  const parts = {};
  const row = (look, all) => {
    const names = Object.keys(all).filter((command) => known.includes(command));
    for (const command of names) parts[command] = keyButton({ ...all[command], onclick: () => act(command) });
    return h("div", { class: look }, ...names.map((command) => parts[command].button));
  };
  const element = h("footer", { class: "lk-actions" }, row("lk-deciders", DECIDERS), row("lk-tools", TOOLS));

  /** Say whether there is a card to act on, a decision to undo, and what accepting it says. */
  function paint({ card, canUndo, words }) {
    for (const command of ["accept", "reject", "ignore", "flag", "note"]) {
      if (parts[command]) parts[command].button.disabled = !card;
    }
    parts.undo.button.disabled = !canUndo;
    setText(parts.accept.label, words);
    parts.flag?.button.setAttribute("aria-pressed", Boolean(card?.flagged));
  }

  function paintOpen(open) {
    for (const command of ["guideline", "history", "search", "people", "help"]) {
      parts[command]?.button.setAttribute("aria-expanded", command === open);
    }
  }

  function paintKeys() {
    for (const [command, { shown }] of Object.entries(parts)) shown.textContent = keys.name(command);
  }
  paintOpen(null);
  paintKeys();
  return { element, paint, paintOpen, paintKeys };
}

// Which key asks for what, and how a person changes that.

/** What can be asked for: its usual key, and what the help says of it. Digits are the labels' and stay theirs. */
const COMMANDS = {
  accept: { key: "a", says: "accept what is chosen; with nothing chosen: none applies" },
  reject: { key: "x", says: "reject: what is suggested is wrong, and nothing is given instead" },
  ignore: { key: " ", says: "ignore: say nothing of this text" },
  undo: { key: "Backspace", says: "undo the last decision and go back to its text" },
  flag: { key: "f", says: "flag the text for discussion, or take the flag away" },
  note: { key: "n", says: "write a note" },
  turn: { key: "d", says: "turn the active relation round" },
  guideline: { key: "g", says: "the guideline, and what the labels mean" },
  search: { key: "s", says: "search and filter" },
  history: { key: "b", says: "go back through your decisions" },
  people: { key: "p", says: "who decided, how fast, and how far people agree" },
  label: { key: "l", says: "find a label by its name, where there are more than ten" },
  help: { key: "h", says: "show or hide this" },
  take1: { key: "q", says: "take over what the 1st annotator says" },
  take2: { key: "w", says: "take over what the 2nd annotator says" },
  take3: { key: "e", says: "take over what the 3rd annotator says" },
  take4: { key: "r", says: "take over what the 4th annotator says" },
  take5: { key: "t", says: "take over what the 5th annotator says" },
};
const TAKES = Object.keys(COMMANDS).filter((command) => command.startsWith("take"));

/** Keys that can't be given away, beside those that a person may change. */
const FIXED = { Enter: "accept", Backspace: "undo", Delete: "remove", Escape: "leave", "/": "search", "?": "help" };
const SCROLLS = { ArrowUp: -0.15, ArrowDown: 0.15, PageUp: -0.9, PageDown: 0.9 };
const KEY_NAMES = { " ": "Space", Backspace: "⌫", Enter: "↵" };

/** The ten keys that stand for the first ten labels, in order. */
const LABEL_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

class Keys {
  /** `changed` holds the keys that the person chose, by command; what stands there and is unknown is left out. */
  constructor(changed = {}) {
    this.byCommand = Object.fromEntries(Object.entries(COMMANDS).map(([command, { key }]) => [command, key]));
    for (const [command, key] of Object.entries(changed)) {
      if (command in COMMANDS && isFree(key)) this.byCommand[command] = key;
    }
  }

  /** What a person reads for a command's key. */
  name(command) {
    const key = this.byCommand[command];
    return KEY_NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  }

  /** Those that differ from the usual. */
  get changed() {
    const entries = Object.entries(this.byCommand);
    return Object.fromEntries(entries.filter(([command, key]) => key !== COMMANDS[command].key));
  }

  /** Give `command` the key of this event; the command that had it gets the other's. False where it can't be had. */
  rebind(command, event) {
    const key = event.key === " " ? " " : readLetter(event);
    if (!isFree(key) || event.ctrlKey || event.altKey || event.metaKey) return false;
    const other = this.commandOf(key);
    if (other) this.byCommand[other] = this.byCommand[command];
    this.byCommand[command] = key;
    return true;
  }

  reset() {
    for (const [command, { key }] of Object.entries(COMMANDS)) this.byCommand[command] = key;
  }

  /**
   * Read what a key-down asks for: {command}, {label: place} or {scroll: share of the height}; {} where it is none
   * of the card's keys, and null where the notebook should have it. The notebook never gets Backspace or Delete: with
   * Ctrl, JupyterLab cuts the cell.
   */
  read(event) {
    if (event.isComposing || event.key === "Tab") return null;
    if (event.ctrlKey || event.altKey || event.metaKey) return this.readChord(event);
    const digit = readDigit(event);
    if (digit) return { label: LABEL_KEYS.indexOf(digit) };
    if (event.key in FIXED && !(event.shiftKey && event.key.length > 1)) return { command: FIXED[event.key] };
    if (event.shiftKey) return event.key === "Enter" ? null : {};
    if (event.key in SCROLLS) return { scroll: SCROLLS[event.key] };
    return { command: this.commandOf(event.key === " " ? " " : readLetter(event)) };
  }

  readChord(event) {
    if (event.key === "Backspace" || event.key === "Delete") return {};
    const saves = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
    return saves ? { command: "save", shared: true } : null;
  }

  commandOf(key) {
    return Object.keys(this.byCommand).find((command) => this.byCommand[command] === key);
  }
}

/** Whether a key may be given to a command. */
function isFree(key) {
  return key === " " || key === "Backspace" || /^[a-z]$/.test(key ?? "");
}

/** The digit of a key, also on keyboards whose digit row needs Shift (AZERTY) or types other digits. */
function readDigit(event) {
  if (/^[0-9]$/.test(event.key)) return event.key;
  if (event.shiftKey || event.key === "/" || event.key === "?") return null;
  return /^Digit([0-9])$/.exec(event.code)?.[1] ?? null;
}

/** The Latin letter of a key, also with Caps Lock and on keyboards of other scripts. */
function readLetter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^[\x00-\x7f]*$/.test(event.key) ? null : (/^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? null);
}

/** Whether an element takes what is typed, so that it is no key of the card. */
function isField(element) {
  return element.matches("input, textarea, select");
}

-- A text that one person has before them: nobody else gets it while others hold or decided it as often as asked.
-- It ends by itself at held_until unless its holder, one sitting at a corrector, renews it.
CREATE TABLE labkit.lease (
    example_id   bigint NOT NULL REFERENCES labkit.example,
    annotator_id bigint NOT NULL REFERENCES labkit.annotator,
    holder       uuid NOT NULL,
    held_until   timestamptz NOT NULL,
    PRIMARY KEY (example_id, annotator_id)
);
CREATE INDEX lease_holder ON labkit.lease (holder);

-- What a person wrote beside a text; the latest counts, and an empty one takes the others back.
CREATE TABLE labkit.note (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    example_id   bigint NOT NULL REFERENCES labkit.example,
    annotator_id bigint NOT NULL REFERENCES labkit.annotator,
    note         text NOT NULL,
    flagged      boolean NOT NULL,
    name         uuid NOT NULL UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX note_latest ON labkit.note (annotator_id, example_id, id DESC);
CREATE TRIGGER note_append_only BEFORE UPDATE OR DELETE ON labkit.note
    FOR EACH ROW EXECUTE FUNCTION labkit.refuse_change();

-- Which keys a person wants, whatever the project.
CREATE TABLE labkit.keys (
    person   text PRIMARY KEY,
    bindings jsonb NOT NULL
);

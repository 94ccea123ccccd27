-- Labels accepted in bulk are an annotator's of their own, which is no person.
ALTER TABLE labkit.annotator DROP CONSTRAINT annotator_kind_check;
ALTER TABLE labkit.annotator ADD CONSTRAINT annotator_kind_check
    CHECK (kind IN ('person', 'llm', 'model', 'rule', 'accepted', 'reference'));

-- A row a text that was drawn at random from those that an annotator of that kind accepted, in the order of the draws.
-- What became of it is the last word of a person.
CREATE TABLE labkit.audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    annotator_id bigint NOT NULL REFERENCES labkit.annotator,
    example_id   bigint NOT NULL REFERENCES labkit.example,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (annotator_id, example_id)
);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON labkit.audit
    FOR EACH ROW EXECUTE FUNCTION labkit.refuse_change();

CREATE OR REPLACE FUNCTION labkit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only: a later one supersedes an earlier one', TG_TABLE_NAME;
END $$;

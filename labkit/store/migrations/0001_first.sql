CREATE TABLE labkit.project (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE labkit.example (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES labkit.project,
    hash       text NOT NULL,
    key        text NOT NULL,
    text       text NOT NULL,
    split      text NOT NULL CHECK (split IN ('train', 'dev', 'test')),
    source     text NOT NULL,
    meta       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, hash),
    UNIQUE (project_id, key)
);

-- One row a version: a changed prompt, configuration or weight is another digest, and another annotator.
CREATE TABLE labkit.annotator (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES labkit.project,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('person', 'llm', 'model', 'rule', 'reference')),
    digest     text NOT NULL,
    config     jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (project_id, name, digest)
);

CREATE TABLE labkit.reply (
    key        text PRIMARY KEY,
    model      text NOT NULL,
    parameters jsonb NOT NULL,
    prompt     text NOT NULL,
    reply      text NOT NULL,
    source     text NOT NULL CHECK (source IN ('asked', 'recorded')),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE labkit.annotation (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    example_id   bigint NOT NULL REFERENCES labkit.example,
    annotator_id bigint NOT NULL REFERENCES labkit.annotator,
    value        jsonb,
    outcome      text NOT NULL,
    scores       jsonb,
    seconds      real,
    source       text NOT NULL,
    reply_key    text REFERENCES labkit.reply,
    decision     uuid UNIQUE,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((value IS NOT NULL) = (outcome IN ('parsed', 'explicitly none')))
);
CREATE INDEX annotation_latest ON labkit.annotation (annotator_id, example_id, id DESC);

CREATE FUNCTION labkit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'annotations are append-only: a later one supersedes an earlier one';
END $$;
CREATE TRIGGER annotation_append_only BEFORE UPDATE OR DELETE ON labkit.annotation
    FOR EACH ROW EXECUTE FUNCTION labkit.refuse_change();

CREATE TABLE labkit.run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id  bigint NOT NULL REFERENCES labkit.project,
    kind        text NOT NULL,
    name        text NOT NULL,
    digest      text NOT NULL,
    config      jsonb NOT NULL DEFAULT '{}',
    state       text NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed')),
    figures     jsonb NOT NULL DEFAULT '{}',
    artefact    text,
    error       text,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
CREATE INDEX run_digest ON labkit.run (project_id, kind, digest);

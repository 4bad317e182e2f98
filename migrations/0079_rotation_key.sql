-- Who asked for the present secret, and under which key: the same request again is no second rotation.
ALTER TABLE webhook ADD COLUMN rotation TEXT NOT NULL DEFAULT '';

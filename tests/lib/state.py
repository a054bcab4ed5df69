"""Reads the state that relman stores, by the names of its entities. Integration tests use it so that they need
not know the tables and the kind of database. Only the tests of database files know them too.

state.channels("name", "tag", component="api")    these columns of each row, as tuples, sorted by name
state.tags(missing__gt=0)                         all columns
state.count("events", type="release.ready")

Each entity has the columns of its table, and columns with the names of related objects: tenant, component,
release, environment, and for conditions object. A filter NAME=VALUE means equal (None: the column is NULL).
NAME__not, NAME__like, NAME__gt and NAME__ge compare otherwise."""

import sqlite3

OF_TENANT = "JOIN tenants t ON t.id = x.tenant_id"
OF_COMPONENT = "JOIN components c ON c.id = x.component_id JOIN tenants t ON t.id = c.tenant_id"
OF_ENVIRONMENT = "JOIN environments e ON e.id = x.environment_id JOIN tenants t ON t.id = e.tenant_id"
OBJECTS = ("integrations", "components", "releases", "streams", "environments", "calendars", "person_groups")

# The keys of annotations and labels, complete again.
FACTS = """replace(replace(x.facts, '{"=', '{"org.opencontainers.image.'), ',"=', ',"org.opencontainers.image.')"""
LAYERS = "(SELECT group_concat(lower(hex(l.digest)), '') FROM json_each(x.layers) j CROSS JOIN layers l ON l.id = j.value)"

ENTITIES = {  # name: (table, joins, further columns, order)
    "tenants": ("tenants", "", {}, "x.name"),
    "registries": ("integrations", OF_TENANT, {"tenant": "t.name"}, "t.name, x.name"),
    "components": ("components", OF_TENANT, {"tenant": "t.name"}, "t.name, x.name"),
    "releases": ("releases", OF_TENANT, {"tenant": "t.name"}, "t.name, x.sequence, x.name"),
    "streams": ("streams", OF_TENANT, {"tenant": "t.name"}, "t.name, x.name"),
    "environments": ("environments", OF_TENANT + " LEFT JOIN release_environment_state s ON s.environment_id = x.id "
                     "LEFT JOIN releases r ON r.id = s.release_id LEFT JOIN releases d ON d.id = s.deployed_release_id",
                     {"tenant": "t.name", "release": "r.name", "status": "s.status", "deployed_release": "d.name"}, "t.name, x.name"),
    "groups": ("person_groups", OF_TENANT, {"tenant": "t.name"}, "t.name, x.name"),
    "syncs": ("component_syncs", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name"),
    "tags": ("tags", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.tag"),
    "tag_history": ("tag_history", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.tag, x.seen_at"),
    "versions": ("version_maps", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.tag, x.digest"),
    "assignments": ("assignments", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.digest"),
    "channels": ("channels", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.name"),
    "manifests": ("manifests", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.digest"),
    "tag_moves": ("tag_moves", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.tag, x.digest"),
    "drift": ("drift", OF_COMPONENT, {"tenant": "t.name", "component": "c.name"}, "t.name, c.name, x.tag"),
    "resolved": ("release_components", "JOIN releases r ON r.id = x.release_id JOIN tenants t ON t.id = r.tenant_id",
                 {"tenant": "t.name", "release": "r.name"}, "t.name, x.release_id, x.component_id"),
    "release_digests": ("release_digests", "", {}, "x.digest, x.of_digest, x.repository"),
    # facts as JSON, layers as the hexadecimal digits of their digests
    "image_facts": ("image_facts", "", {"facts": FACTS, "layers": LAYERS}, "x.digest"),
    "image_layers": ("image_layers", "", {}, "x.layer"),
    "head_facts": ("head_facts", OF_COMPONENT, {"component": "c.name", "facts": FACTS}, "x.head, x.digest"),
    "deployments": ("release_environment_state", OF_ENVIRONMENT + " JOIN releases r ON r.id = x.release_id",
                    {"tenant": "t.name", "environment": "e.name", "release": "r.name"}, "t.name, e.name"),
    "history": ("environment_history", "", {}, "x.sequence"),
    "statements": ("promotion_statements", "", {}, "x.environment_id, x.number"),
    "holds": ("environment_holds", OF_ENVIRONMENT, {"tenant": "t.name", "environment": "e.name"}, "t.name, e.name"),
    "approvals": ("approvals", OF_ENVIRONMENT, {"tenant": "t.name", "environment": "e.name"}, "t.name, e.name, x.by"),
    "checks": ("checks", OF_ENVIRONMENT + " JOIN releases r ON r.id = x.release_id",
               {"tenant": "t.name", "environment": "e.name", "release": "r.name"}, "t.name, e.name, x.release_id, x.promotion_id, x.name"),
    "output_runs": ("output_runs", OF_ENVIRONMENT, {"tenant": "t.name", "environment": "e.name"}, "t.name, e.name, x.output"),
    "conditions": ("conditions", "LEFT JOIN (" + " UNION ALL ".join(
        f"SELECT o.id, o.name, t.name AS tenant FROM {table} o JOIN tenants t ON t.id = o.tenant_id" for table in OBJECTS) +
        ") o ON o.id = x.object_id", {"tenant": "o.tenant", "object": "o.name"}, "x.kind, o.tenant, o.name, x.type"),
    "events": ("events", "LEFT JOIN tenants t ON t.id = x.tenant_id", {"tenant": "t.name"}, "x.sequence"),
    "receivers": ("event_receivers", "", {}, "x.name"),
    "dead_letters": ("dead_letters", "", {}, "x.receiver, x.sequence"),
    "audit": ("audit", OF_TENANT, {"tenant": "t.name"}, "x.sequence"),
}
OPERATORS = {"": "IS", "not": "IS NOT", "like": "LIKE", "gt": ">", "ge": ">="}


class State:
    """A database, given by its path. Each read opens the database again, so that a test may move, replace or
    remove the file."""

    def __init__(self, path):
        self.path = path

    def query(self, sql, *args):
        """Runs SQL; returns the rows. Only for tests of the database itself; other tests use the functions
        below."""
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def _select(self, what, entity, where):
        table, joins, names, order = ENTITIES[entity]
        conditions, values = ["1"], []
        for key, value in where.items():
            name, _, operator = key.partition("__")
            conditions.append(f"{names.get(name, 'x.' + name)} {OPERATORS[operator]} ?")
            values.append(value)
        return self.query(f"SELECT {what} FROM {table} x {joins} WHERE {' AND '.join(conditions)} ORDER BY {order}", *values)

    def read(self, entity, *columns, **where):
        names = ENTITIES[entity][2]
        return self._select(", ".join(names.get(c, "x." + c) for c in columns) or "x.*", entity, where)

    def __getattr__(self, entity):
        if entity not in ENTITIES:
            raise AttributeError(entity)
        return lambda *columns, **where: self.read(entity, *columns, **where)

    def count(self, entity, **where):
        return self._select("count(*)", entity, where)[0][0]

    def newest_versions(self, *columns):
        """Returns these columns of all versions, newest version first."""
        return [row[1:] for row in sorted(self.versions("sort_key", *columns), reverse=True)]

    def first_event(self):
        """Returns the number of the oldest stored event; None if there is none."""
        return min((number for number, in self.events("sequence")), default=None)

    def is_intact(self):
        """Returns True if each page, index and reference is valid."""
        return self.query("PRAGMA integrity_check") == [("ok",)] and not self.query("PRAGMA foreign_key_check")

    # --- changes that a test makes in the database directly, without relman ---------------------------

    def write(self, *statements):
        """Runs statements with their values in one transaction."""
        db = sqlite3.connect(self.path, timeout=10)
        try:
            with db:
                for sql, *values in statements:
                    db.execute(sql, values)
        finally:
            db.close()

    def refuse_inserts(self, entity, message):
        """Makes each transaction fail that adds rows of this entity, until allow_inserts() is called."""
        self.write((f"CREATE TRIGGER refused BEFORE INSERT ON {ENTITIES[entity][0]} BEGIN SELECT RAISE(ABORT, '{message}'); END",))

    def allow_inserts(self):
        self.write(("DROP TRIGGER refused",))

    def hide(self, entity):
        """Makes each statement fail that uses the table of this entity, until show() is called."""
        self.write((f"ALTER TABLE {ENTITIES[entity][0]} RENAME TO hidden",))

    def show(self, entity):
        self.write((f"ALTER TABLE hidden RENAME TO {ENTITIES[entity][0]}",))

    def set_heads(self, digest):
        """Sets all channels to a digest that the registry does not have."""
        self.write(("UPDATE channels SET digest = ?", digest))

    def age_manifests(self, fetched_at):
        self.write(("UPDATE manifests SET fetched_at = ?", fetched_at))

    def end_signatures(self):
        """Sets the end of each valid result of a verification to a time in the past."""
        self.write(("UPDATE manifests SET signature_until = '2020-01-01T00:00:00Z' WHERE signature = 'valid'",))

    def number_on(self, sequence):
        """Makes the numbers of new events and audit entries start after sequence."""
        self.write((f"UPDATE sqlite_sequence SET seq = {int(sequence)} WHERE name IN ('events', 'audit')",))

    def forget_artifacts(self):
        """Brings the database into the state after an upgrade: the artifact types of manifests are unknown,
        and relman applies the rules again."""
        self.write(("UPDATE manifests SET artifact = NULL",), ("UPDATE component_syncs SET rules_digest = ''",))

    def forget_others(self, digests):
        """Brings the database into the state of an older relman, which did not read which of these digests
        an index has besides the images of its platforms."""
        self.write(("UPDATE image_facts SET facts = json_remove(facts, '$.others')",),
                   *[("DELETE FROM release_digests WHERE digest = ?", digest) for digest in digests])

    def put_gone_tags(self, component, n):
        """Adds n tags that the registry listed once and no longer lists."""
        self.write(("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                    "INSERT INTO tags (component_id, tag, first_seen_at, changed_at, checked_at, missing) "
                    "SELECT c.id, 'x' || i, 1, 1, 1, 2 FROM n, components c WHERE c.name = ?", n, component))

    def put_hold(self, environment_id, release_id):
        self.write(("INSERT INTO environment_holds (environment_id, release_id, since, by, reason) VALUES "
                    "(?, ?, '2026-01-01T00:00:00Z', 'uid:7', 'promoted by hand')", environment_id, release_id))

    def set_schema(self, version):
        self.write((f"PRAGMA user_version = {version}",))

    def copy_to(self, other):
        """Replaces the content of this database with that of another."""
        source, target = sqlite3.connect(self.path), sqlite3.connect(other.path)
        source.backup(target)
        source.close()
        target.close()

#include "schema.h"

#include "imgctl/buf.h"

/*
 * The columns that filters look at, behind the id. An index over all of them
 * answers any filter, deep page or total without touching the rows themselves.
 */
#define FILTERED                                                                     \
    "width, height, file_size_bytes, ai_generated, storage_provider, created_at, "   \
    "deleted_at"

/* Add COUNT pictures like TABLE's row to the counters; -1 takes one away. */
#define COUNT_ROW(table, count)                                                      \
    "INSERT INTO image_counts VALUES (" table ".business_id, " table ".ai_generated, " \
    table ".storage_provider, " table ".deleted_at IS NOT NULL, " count ", "         \
    count " * coalesce(" table ".file_size_bytes, 0))"                               \
    " ON CONFLICT DO UPDATE SET n = n + excluded.n, bytes = bytes + excluded.bytes;"

#define TAG_ROW                                                                      \
    "INSERT OR IGNORE INTO image_tags SELECT NEW.id, value FROM json_each(NEW.tags)" \
    " WHERE type = 'text';"
#define UNTAG_ROW "DELETE FROM image_tags WHERE image_id = OLD.id;"

/* The index is given the text that it was given when the row came: UNINDEX_ROW
 * goes before UNTAG_ROW, INDEX_ROW behind TAG_ROW. */
#define INDEX_ROW(condition)                                                         \
    "INSERT INTO search(rowid, original_filename, ai_prompt, alt_text, tags)"        \
    " SELECT * FROM searchable WHERE id = NEW.id" condition ";"
#define UNINDEX_ROW(condition)                                                       \
    "INSERT INTO search(search, rowid, original_filename, ai_prompt, alt_text, tags)" \
    " SELECT 'delete', OLD.id, OLD.original_filename, OLD.ai_prompt, OLD.alt_text, " \
    SCHEMA_TAG_LINES("OLD") " WHERE OLD.deleted_at IS NULL" condition ";"

#define RFC3339(column) "strftime('%Y-%m-%dT%H:%M:%fZ', " column ")"

#define IS_ODD(column) column " NOT GLOB '*-*-*T*:*:*.???Z'"

/* A row put in by hand may spell its times otherwise, but they are compared as text:
 * bring them into our form. A created_at that is no time becomes NULL, which is
 * refused; deleted_at must stay what it is, NULL or not. */
#define MEND_TIMES                                                                   \
    "UPDATE images SET created_at = " RFC3339("created_at")                          \
    ", updated_at = " RFC3339("updated_at")                                          \
    ", deleted_at = coalesce(" RFC3339("deleted_at") ", deleted_at)"                 \
    " WHERE id = NEW.id AND (" IS_ODD("NEW.created_at") " OR " IS_ODD("NEW.updated_at") \
    " OR " IS_ODD("NEW.deleted_at") ");"

/* What is derived from the pictures follows them. OF_NEW and OF_OLD say which rows
 * the search index has. */
#define TRIGGERS(of_new, of_old)                                                     \
    "CREATE TRIGGER images_insert AFTER INSERT ON images BEGIN "                     \
    COUNT_ROW("NEW", "1") TAG_ROW INDEX_ROW(of_new) MEND_TIMES                       \
    " END;"                                                                          \
    "CREATE TRIGGER images_delete AFTER DELETE ON images BEGIN "                     \
    COUNT_ROW("OLD", "-1") UNINDEX_ROW(of_old) UNTAG_ROW                             \
    " DELETE FROM image_remote WHERE image_id = OLD.id;"                             \
    " DELETE FROM removals WHERE image_id = OLD.id;"                                 \
    " END;"                                                                          \
    "CREATE TRIGGER images_update AFTER UPDATE ON images BEGIN "                     \
    COUNT_ROW("OLD", "-1") COUNT_ROW("NEW", "1") UNINDEX_ROW(of_old) UNTAG_ROW       \
    TAG_ROW INDEX_ROW(of_new)                                                        \
    " END;"

static const char first[] =
    "CREATE TABLE businesses ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " created_at TEXT NOT NULL"
    ") STRICT;"

    "CREATE TABLE images ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " business_id INTEGER NOT NULL REFERENCES businesses(id) ON DELETE CASCADE,"
    " original_filename TEXT NOT NULL,"
    " storage_provider TEXT NOT NULL,"
    " storage_url TEXT,"
    " cloudinary_public_id TEXT,"
    " file_size_bytes INTEGER,"
    " mime_type TEXT,"
    " width INTEGER,"
    " height INTEGER,"
    " ai_generated INTEGER NOT NULL DEFAULT 0 CHECK (ai_generated IN (0, 1)),"
    " ai_prompt TEXT,"
    " ai_model TEXT,"
    " created_at TEXT NOT NULL DEFAULT (" RFC3339("'now'") "),"
    " updated_at TEXT,"
    " deleted_at TEXT,"
    " sha256 TEXT,"
    " tags TEXT NOT NULL DEFAULT '[]' CHECK (tags GLOB '[[]*]'),"
    " alt_text TEXT,"
    " filename_percent INTEGER NOT NULL DEFAULT 0,"
    " derived_from INTEGER"
    ") STRICT;"
    "CREATE UNIQUE INDEX images_content"
    " ON images(sha256, business_id, storage_provider);"
    "CREATE INDEX images_public_id ON images(cloudinary_public_id)"
    " WHERE cloudinary_public_id IS NOT NULL;"
    "CREATE INDEX images_live ON images(id, business_id, " FILTERED ")"
    " WHERE deleted_at IS NULL;"
    "CREATE INDEX images_business ON images(business_id, id, " FILTERED ");"
    "CREATE INDEX images_gone ON images(id, business_id, " FILTERED ")"
    " WHERE deleted_at IS NOT NULL;"

    "CREATE TABLE image_remote ("
    " image_id INTEGER PRIMARY KEY,"
    " asset_id TEXT, resource_type TEXT, delivery_type TEXT, format TEXT, etag TEXT,"
    " version INTEGER, bytes INTEGER"
    ") STRICT;"

    "CREATE TABLE transfers ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " business_id INTEGER NOT NULL REFERENCES businesses(id) ON DELETE CASCADE,"
    " store TEXT NOT NULL, sha256 TEXT NOT NULL, public_id TEXT, source TEXT,"
    " size INTEGER NOT NULL, started_at TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " error TEXT,"
    " UNIQUE (business_id, store, sha256)"
    ") STRICT;"
    "CREATE TABLE removals ("
    " image_id INTEGER PRIMARY KEY, started_at TEXT NOT NULL"
    ") STRICT;"

    "CREATE TABLE image_counts ("
    " business_id INTEGER, ai_generated INTEGER, storage_provider TEXT, deleted INTEGER,"
    " n INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY (business_id, ai_generated, storage_provider, deleted)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE image_tags ("
    " image_id INTEGER, tag TEXT, PRIMARY KEY (image_id, tag)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX image_tags_tag ON image_tags(tag, image_id);"
    "CREATE VIEW searchable(id, original_filename, ai_prompt, alt_text, tags) AS"
    " SELECT id, original_filename, ai_prompt, alt_text, " SCHEMA_TAG_LINES("images")
    " FROM images WHERE deleted_at IS NULL;"
    "CREATE VIRTUAL TABLE search USING fts5("
    " original_filename, ai_prompt, alt_text, tags,"
    " content = 'searchable', content_rowid = 'id', tokenize = 'trigram',"
    " columnsize = 0);"

    TRIGGERS("", "");

static const char second[] =
    "CREATE TABLE files ("
    " path TEXT, strip INTEGER, device INTEGER NOT NULL, inode INTEGER NOT NULL,"
    " size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,"
    " sha256 TEXT NOT NULL, PRIMARY KEY (path, strip)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE batches ("
    " key TEXT PRIMARY KEY, started_at TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;";

/* A picture keeps its line of job_pictures, and that its line of the ledger, when the
 * job is forgotten: so neither refers to jobs. */
static const char third[] =
    "ALTER TABLE businesses ADD COLUMN budget_month INTEGER;"
    "ALTER TABLE businesses ADD COLUMN budget_day INTEGER;"
    "CREATE TABLE jobs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " state TEXT NOT NULL,"
    " business_id INTEGER NOT NULL REFERENCES businesses(id) ON DELETE CASCADE,"
    " store TEXT NOT NULL, provider TEXT NOT NULL, host TEXT, model TEXT NOT NULL,"
    " prompt TEXT NOT NULL, fingerprint TEXT NOT NULL, parameters TEXT,"
    " count INTEGER NOT NULL, created_at TEXT NOT NULL, sent_at TEXT,"
    " answered_at TEXT, ended_at TEXT, estimate INTEGER NOT NULL,"
    " text_in INTEGER, image_in INTEGER, text_out INTEGER, image_out INTEGER,"
    " client_id TEXT, request_id TEXT, error_code TEXT, error TEXT, http_status INTEGER"
    ") STRICT;"
    "CREATE INDEX jobs_fingerprint ON jobs(fingerprint, created_at);"
    "CREATE INDEX jobs_open ON jobs(state)"
    " WHERE state IN ('reserved', 'sending', 'generated', 'unknown');"
    "CREATE TABLE job_pictures ("
    " job_id INTEGER, position INTEGER, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " revised_prompt TEXT, image_id INTEGER, PRIMARY KEY (job_id, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX job_pictures_image ON job_pictures(image_id)"
    " WHERE image_id IS NOT NULL;"
    "CREATE TABLE ledger ("
    " job_id INTEGER PRIMARY KEY, created_at TEXT NOT NULL,"
    " business_id INTEGER NOT NULL, model TEXT NOT NULL, pictures INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('reserved', 'settled', 'unknown', 'void')),"
    " amount INTEGER NOT NULL CHECK (amount >= 0), cost INTEGER"
    ") STRICT;"
    "CREATE INDEX ledger_time ON ledger(created_at, business_id, state, amount);";

static const char fourth[] =
    "CREATE TABLE accounts ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, platform TEXT NOT NULL,"
    " login TEXT NOT NULL, user_id TEXT, username TEXT, expires_at TEXT,"
    " created_at TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE posts ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, account TEXT NOT NULL,"
    " user_id TEXT NOT NULL, kind TEXT NOT NULL, caption TEXT, ai_label INTEGER NOT NULL,"
    " fingerprint TEXT NOT NULL, container TEXT, contained_at TEXT, post_id TEXT,"
    " permalink TEXT, error TEXT, created_at TEXT NOT NULL, published_at TEXT"
    ") STRICT;"
    "CREATE INDEX posts_fingerprint ON posts(fingerprint);"
    "CREATE TABLE post_images ("
    " post_id INTEGER, position INTEGER, image_id INTEGER NOT NULL, alt TEXT,"
    " container TEXT, PRIMARY KEY (post_id, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX post_images_image ON post_images(image_id);";

/*
 * FTS5 writes its index out at the end of each statement, which is most of the work of
 * adding a picture. So in a group the new rows go in together at its end
 * (transaction.c): while `unindexed` has a row, the index has no picture behind its id.
 */
#define IS_INDEXED(row)                                                              \
    " AND NOT EXISTS (SELECT 1 FROM unindexed WHERE after_id < " row ".id)"

static const char fifth[] =
    "CREATE TABLE unindexed (after_id INTEGER NOT NULL) STRICT;"
    "DROP TRIGGER images_insert; DROP TRIGGER images_delete; DROP TRIGGER images_update;"
    TRIGGERS(IS_INDEXED("NEW"), IS_INDEXED("OLD"));

static const char sixth[] = "ALTER TABLE transfers ADD COLUMN resume TEXT;";

/* What is known of files that are converted; it is a cache, and begins empty. */
static const char seventh[] =
    "DROP TABLE files;"
    "CREATE TABLE files ("
    " path TEXT, strip INTEGER, conversion TEXT, device INTEGER NOT NULL,"
    " inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, sha256 TEXT NOT NULL,"
    " PRIMARY KEY (path, strip, conversion)"
    ") STRICT, WITHOUT ROWID;";

static const char eighth[] =
    "ALTER TABLE image_remote ADD COLUMN pushed_from TEXT;"
    "CREATE INDEX image_remote_pushed_from ON image_remote(pushed_from)"
    " WHERE pushed_from IS NOT NULL;";

static const char *const steps[] = { first, second, third, fourth, fifth, sixth,
                                    seventh, eighth };

const struct migrations schema_migrations = {
    .steps = steps,
    .count = (int)(sizeof steps / sizeof steps[0]),
};

static int read_mark(struct catalog *c, const char *pragma, int64_t *ret,
                     struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    if (sql_open_once(&q, c, pragma, err) < 0 || sql_step(&q, err) < 0) {
        return -1;
    }
    *ret = sql_int(&q, 0);
    return 0;
}

int schema_marks(struct catalog *c, int64_t *ret_application, int64_t *ret_version,
                 struct error *err)
{
    if (read_mark(c, "PRAGMA application_id", ret_application, err) < 0) {
        return -1;
    }
    return read_mark(c, "PRAGMA user_version", ret_version, err);
}

/* A pragma takes no bound values; these are numbers of our own. */
static int write_marks(struct catalog *c, int version, struct error *err)
{
    AUTO_BUF struct buf sql = BUF_INIT;
    buf_addf(&sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SCHEMA_APPLICATION_ID, version);
    return sql_exec(c, sql.data, err);
}

int schema_upgrade(struct catalog *c, const struct migrations *migrations,
                   struct error *err)
{
    AUTO_TRANSACTION struct transaction t = TRANSACTION_INIT;
    int64_t application, version;
    if (transaction_begin(&t, c, err) < 0 ||
        schema_marks(c, &application, &version, err) < 0) {
        return -1;
    }
    if (version >= migrations->count) {
        return 0;
    }
    for (int64_t i = version; i < migrations->count; i++) {
        if (sql_exec(c, migrations->steps[i], err) < 0) {
            return error_wrap(err, "bringing the catalog to version %d", (int)i + 1);
        }
    }
    if (write_marks(c, migrations->count, err) < 0) {
        return -1;
    }
    return transaction_commit(&t, err);
}

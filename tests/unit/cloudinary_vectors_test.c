/*
 * Signatures and links of Cloudinary, compared with what the official SDKs
 * compute (reference/cloudinary-vectors.json).
 *
 * Not checked are the eleven vectors of kinds that imgctl has no use for: tokens
 * and cookies (auth_token, url_auth_token), analytics (url_analytics), archives
 * (download_zip_url), webhooks (notification_signature), structured metadata
 * (encode_metadata), eager transformations (encode_eager), and the chunk plan of
 * a stream whose size is not known.
 */
#include "../../src/store/cloudinary_answer.h"
#include "../../src/store/cloudinary_name.h"
#include "../../src/store/cloudinary_transformation.h"
#include "../../src/store/cloudinary_upload.h"
#include "../../src/store/cloudinary_url.h"
#include "imgctl/file.h"
#include "imgctl/mem.h"
#include "test.h"

#define SECRET "abcdefghijklmnopqrstuvwxyz1"

static char *shared_path(const char *name)
{
    const char *shared = getenv("IMGCTL_SHARED");
    return file_join(shared ? shared : "../shared", name);
}

/* ---- The vectors ---- */

static struct json *load_vectors(void)
{
    AUTO_FREE char *path = shared_path("reference/cloudinary-vectors.json");
    AUTO_BUF struct buf text = BUF_INIT;
    struct error err = ERROR_INIT;
    struct json *root = NULL;
    if (file_read(path, 1 << 20, &text, &err) > 0) {
        CHECK_INT(json_parse(text.data, text.len, &root, &err), 0);
    }
    return root;
}

/* A member as the text that would be posted: strings, numbers, lists, true. */
static char *posted(const struct json *object, const char *name)
{
    const struct json *member = json_member(object, name);
    const char *text = json_text(object, name);
    if (text) {
        return mem_strdup(text);
    }
    if (member && json_is_array(member)) {
        AUTO_BUF struct buf list = BUF_INIT;
        for (size_t i = 0; i < json_length(member); i++) {
            buf_addf(&list, "%s%s", i ? "," : "", json_as_text(json_at(member, i)));
        }
        return buf_detach(&list);
    }
    if (json_flag(object, name, false)) {
        return mem_strdup("true");
    }
    int64_t number = json_number(object, name, -1);
    return number < 0 ? NULL : mem_printf("%" PRId64, number);
}

static struct cloudinary_key vector_key(const struct json *input)
{
    const char *algorithm = json_text(input, "algorithm");
    const char *secret = json_text(input, "api_secret");
    return (struct cloudinary_key){
        .secret = mem_strdup(secret ? secret : SECRET),
        .algorithm = algorithm && strcmp(algorithm, "sha256") == 0 ? DIGEST_SHA256
                                                                   : DIGEST_SHA1,
        .version = json_number(input, "signature_version", 2),
    };
}

/* Sign the members of OBJECT that a form may have. */
static void check_form_signature(const struct json *vector, const struct json *object,
                                 struct cloudinary_param *extra, size_t extra_count,
                                 char signature[DIGEST_HEX_SIZE])
{
    static const char *const names[] = {
        "use_filename_as_display_name", "use_filename", "unique_filename", "type",
        "to_public_id", "timestamp", "tags", "tag", "public_ids", "public_id_prefix",
        "public_id", "overwrite", "notification_url", "invalidate", "headers",
        "from_public_id", "expires_at", "eager", "context", "command", "attachment",
        "asset_folder",
    };
    struct cloudinary_key key = vector_key(json_member(vector, "input"));
    struct cloudinary_param params[32];
    size_t count = 0;
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        params[count++] = (struct cloudinary_param){ names[i], posted(object, names[i]) };
    }
    size_t owned = count;
    for (size_t i = 0; i < extra_count; i++) {
        params[count++] = extra[i];
    }
    cloudinary_string_to_sign(params, count, key.version, &text);
    CHECK_STR(text.data, json_text(vector, "string_to_sign"));
    CHECK_INT(cloudinary_sign(params, count, &key, signature, &err), 0);
    for (size_t i = 0; i < owned; i++) {
        free((char *)(uintptr_t)params[i].value);
    }
    cloudinary_key_release(&key);
}

static void check_signature(const struct json *vector)
{
    char signature[DIGEST_HEX_SIZE] = "";
    const struct json *input = json_member(vector, "input");
    check_form_signature(vector, json_member(input, "params"), NULL, 0, signature);
    CHECK_STR(signature, json_text(vector, "expected"));
}

/* imgctl gets private originals by signed links; but the signature is the same. */
static void check_download(const struct json *vector)
{
    const struct json *input = json_member(vector, "input");
    char signature[DIGEST_HEX_SIZE] = "";
    struct cloudinary_param own[] = {
        { "public_id", json_text(input, "public_id") },
        { "format", json_text(input, "format") },
        { "api_key", "is not signed" },
    };
    check_form_signature(vector, json_member(input, "options"), own, 3, signature);
    CHECK(strstr(json_text(vector, "expected"), signature) != NULL);
}

static void check_response(const struct json *vector)
{
    const struct json *input = json_member(vector, "input");
    struct cloudinary_key key = vector_key(input);
    struct error err = ERROR_INIT;
    const char *id = json_text(input, "public_id");
    const char *signature = json_text(vector, "expected");
    int64_t version = json_number(input, "version", 0);
    CHECK_INT(cloudinary_answer_is_signed(id, version, signature, &key, &err), 1);
    CHECK_INT(cloudinary_answer_is_signed(id, version + 1, signature, &key, &err), 0);
    cloudinary_key_release(&key);
}

static struct cloudinary_delivery vector_delivery(const struct json *input)
{
    const struct json *o = json_member(input, "options");
    struct cloudinary_delivery d = CLOUDINARY_DELIVERY_INIT;
    d.cloud_name = mem_strdup(json_text(input, "cloud_name"));
    d.secure_distribution = mem_strdup(json_text(o, "secure_distribution"));
    d.cname = mem_strdup(json_text(o, "cname"));
    d.secure = json_flag(o, "secure", d.secure);
    d.private_cdn = json_flag(o, "private_cdn", false);
    d.cdn_subdomain = json_flag(o, "cdn_subdomain", false);
    d.long_url_signature = json_flag(o, "long_url_signature", false);
    d.force_version = json_flag(o, "force_version", d.force_version);
    d.shorten = json_flag(o, "shorten", false);
    d.use_root_path = json_flag(o, "use_root_path", false);
    return d;
}

static void check_url(const struct json *vector)
{
    const struct json *input = json_member(vector, "input");
    const struct json *o = json_member(input, "options");
    struct cloudinary_delivery d = vector_delivery(input);
    struct cloudinary_key key = vector_key(input);
    const char *algorithm = json_text(o, "signature_algorithm");
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    struct cloudinary_link link = {
        .resource_type = json_text(o, "resource_type"),
        .type = json_text(o, "type"),
        .transformation = json_text(input, "transformation"),
        .public_id = json_text(input, "public_id"),
        .format = json_text(o, "format"),
        .url_suffix = json_text(o, "url_suffix"),
        .version = json_number(o, "version", 0),
        .sign = json_flag(o, "sign_url", false),
    };
    if (algorithm && strcmp(algorithm, "sha256") == 0) {
        key.algorithm = DIGEST_SHA256;
    }
    CHECK_INT(cloudinary_url(&d, &key, &link, &out, &err), 0);
    CHECK_STR(out.data, json_text(vector, "expected"));
    cloudinary_delivery_release(&d);
    cloudinary_key_release(&key);
}

static void check_context(const struct json *vector)
{
    const struct json *input = json_member(json_member(vector, "input"), "input");
    AUTO_BUF struct buf out = BUF_INIT;
    cloudinary_add_context(&out, "alt", json_text(input, "alt"));
    cloudinary_add_context(&out, "empty", "");
    cloudinary_add_context(&out, "none", NULL);
    cloudinary_add_context(&out, "caption", json_text(input, "caption"));
    CHECK_STR(out.data, json_text(vector, "expected"));
}

static void check_chunks(const struct json *vector)
{
    const struct json *input = json_member(vector, "input");
    const struct json *expected = json_member(vector, "expected");
    int64_t total = json_number(input, "total", 0);
    int64_t chunk = json_number(input, "chunk_size", 0);
    size_t i = 0;
    for (int64_t offset = 0; offset < total; i++) {
        AUTO_BUF struct buf range = BUF_INIT;
        int64_t length = cloudinary_chunk_length(total, chunk, offset);
        cloudinary_content_range(&range, offset, length, total);
        CHECK_STR(range.data, json_as_text(json_at(expected, i)));
        offset += length;
    }
    CHECK_INT(i, json_length(expected));
}

static const struct vector_kind {
    const char *name;
    void (*check)(const struct json *vector);
} vector_kinds[] = {
    { "signature", check_signature },
    { "response_signature", check_response },
    { "url", check_url },
    { "private_download_url", check_download },
    { "encode_context", check_context },
    { "chunk_plan", check_chunks },
};

/* NULL for what imgctl has no use for. */
static const struct vector_kind *kind_of(const struct json *vector)
{
    const char *name = json_text(vector, "kind");
    const struct json *input = json_member(vector, "input");
    if (strcmp(name, "chunk_plan") == 0 && json_number(input, "total", 0) == 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof vector_kinds / sizeof *vector_kinds; i++) {
        if (strcmp(vector_kinds[i].name, name) == 0) {
            return &vector_kinds[i];
        }
    }
    return NULL;
}

TEST(vectors)
{
    struct json *vectors = load_vectors();
    size_t checked = 0;
    if (!vectors) {
        SKIP("IMGCTL_SHARED has no reference/cloudinary-vectors.json");
    }
    for (size_t i = 0; i < json_length(vectors); i++) {
        const struct json *vector = json_at(vectors, i);
        const struct vector_kind *kind = kind_of(vector);
        int before = test_failed_checks;
        if (kind) {
            kind->check(vector);
            checked++;
        }
        if (test_failed_checks > before) {
            printf("# in vector %s/%s\n", kind->name, json_text(vector, "name"));
        }
    }
    CHECK_INT(json_length(vectors), 81);
    CHECK_INT(checked, 70);
    json_free(vectors);
}

/* ---- Signatures and links beyond the vectors ---- */

TEST(never_signed)
{
    struct cloudinary_param params[] = {
        { "signature", "x" }, { "file", "x" }, { "timestamp", "1" }, { "api_key", "x" },
        { "resource_type", "x" }, { "cloud_name", "x" }, { "tags", "" }, { "alt", NULL },
    };
    AUTO_BUF struct buf out = BUF_INIT;
    cloudinary_string_to_sign(params, 8, 2, &out);
    CHECK_STR(out.data, "timestamp=1");
    buf_clear(&out);
    cloudinary_string_to_sign(params, 0, 2, &out);
    CHECK_STR(out.data, "");
}

static void check_link(const struct cloudinary_delivery *d, struct cloudinary_link link,
                       const char *expected)
{
    struct cloudinary_key key = { .id = NULL };
    struct error err = ERROR_INIT;
    AUTO_BUF struct buf out = BUF_INIT;
    link.public_id = link.public_id ? link.public_id : "a/b";
    int result = cloudinary_url(d, &key, &link, &out, &err);
    CHECK_STR(result < 0 ? err.message : out.data, expected);
}

TEST(link_hosts)
{
    char cloud[] = "demo", host[] = "127.0.0.1:8080", akamai[] = "res.cloudinary.com";
    struct cloudinary_delivery d = CLOUDINARY_DELIVERY_INIT;
    struct cloudinary_link link = { .version = 7, .format = "png" };
    d.cloud_name = cloud;
    d.secure = false;
    check_link(&d, link, "http://res.cloudinary.com/demo/image/upload/v7/a/b.png");
    d.cdn_subdomain = true;
    check_link(&d, link, "http://res-5.cloudinary.com/demo/image/upload/v7/a/b.png");
    d.private_cdn = true;
    check_link(&d, link, "http://demo-res-5.cloudinary.com/image/upload/v7/a/b.png");
    d.private_cdn = false;
    d.cname = host;
    check_link(&d, link, "http://a5.127.0.0.1:8080/demo/image/upload/v7/a/b.png");
    d.cdn_subdomain = false;
    check_link(&d, link, "http://127.0.0.1:8080/demo/image/upload/v7/a/b.png");
    d.secure = true;
    d.secure_cdn_subdomain = 1;
    check_link(&d, link, "https://res-5.cloudinary.com/demo/image/upload/v7/a/b.png");
    d.secure_cdn_subdomain = 0;
    d.secure_distribution = akamai;
    d.cdn_subdomain = true;
    check_link(&d, link, "https://res.cloudinary.com/demo/image/upload/v7/a/b.png");
    d.private_cdn = true;
    d.secure_distribution = NULL;
    d.secure_cdn_subdomain = 1;
    check_link(&d, link, "https://demo-res-5.cloudinary.com/image/upload/v7/a/b.png");
    d.private_cdn = false;
}

TEST(link_edges)
{
    char cloud[] = "demo";
    struct cloudinary_delivery d = CLOUDINARY_DELIVERY_INIT;
    d.cloud_name = cloud;
#define BASE "https://res.cloudinary.com/demo/image/upload/"
    check_link(&d, (struct cloudinary_link){ .public_id = "100%" }, BASE "100%25");
    check_link(&d, (struct cloudinary_link){ .public_id = "a%2" }, BASE "a%252");
    check_link(&d, (struct cloudinary_link){ .public_id = "a%3Fb" }, BASE "a%3Fb");
    check_link(&d, (struct cloudinary_link){ .public_id = "a///b" }, BASE "v1/a/b");
    check_link(&d, (struct cloudinary_link){ .public_id = "x",
               .transformation = "t_a//t_b" }, BASE "t_a/t_b/x");
    check_link(&d, (struct cloudinary_link){ .url_suffix = "a.b" },
               "a link's suffix cannot have '.' or '/'");
    check_link(&d, (struct cloudinary_link){ .url_suffix = "s", .type = "fetch" },
               "a link to image/fetch cannot have a suffix");
    d.use_root_path = true;
    check_link(&d, (struct cloudinary_link){ .type = "private" },
               "use_root_path cannot link to image/private");
#undef BASE
}

static void check_transformation(struct link_options options, const char *expected)
{
    AUTO_BUF struct buf out = BUF_INIT;
    struct error err = ERROR_INIT;
    int result = cloudinary_transformation(&out, &options, &err);
    CHECK_STR(result < 0 ? error_code(err.kind) : out.data, expected);
}

#define INVALID "usage.invalid"

TEST(transformations)
{
    static const struct { struct link_options options; const char *expected; } cases[] = {
        { { .kind = LINK_ORIGINAL }, "" },
        { { .format = "jpg" }, "f_jpg" },
        { { .kind = LINK_OPTIMISED }, "f_auto,q_auto:good" },
        { { .kind = LINK_OPTIMISED, .format = "jpg", .quality = "80", .width = 1080 },
          "c_limit,f_jpg,q_80,w_1080" },
        { { .kind = LINK_THUMBNAIL }, "c_fill,f_auto,g_auto,h_300,q_auto:good,w_300" },
        { { .kind = LINK_THUMBNAIL, .width = 64, .height = 48, .format = "webp" },
          "c_fill,f_webp,g_auto,h_48,q_auto:good,w_64" },
        { { .kind = LINK_THUMBNAIL, .transformation = "e_sepia/w_10" }, "e_sepia/w_10" },
        { { .format = "jpg/x" }, INVALID },
        { { .format = "" }, INVALID },
        { { .quality = "80,w_1" }, INVALID },
        { { .width = -1 }, INVALID },
        { { .transformation = "a b" }, INVALID },
        { { .transformation = "a?b" }, INVALID },
        { { .transformation = "\303\274" }, INVALID },
        { { .transformation = "/a" }, INVALID },
        { { .transformation = "a/" }, INVALID },
        { { .transformation = "a//b" }, INVALID },
        { { .transformation = "" }, INVALID },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_transformation(cases[i].options, cases[i].expected);
    }
}

int main(void)
{
    RUN(vectors);
    RUN(never_signed);
    RUN(link_hosts);
    RUN(link_edges);
    RUN(transformations);
    return test_end();
}

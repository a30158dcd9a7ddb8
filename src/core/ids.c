#include "imgctl/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imgctl/inputs.h"
#include "imgctl/json.h"
#include "imgctl/mem.h"
#include "imgctl/text.h"

/* A line of standard input: an id, or a JSON object that has one. What work commands
 * print beside, items that failed and the sums, names no picture. */
static int take_line(const char *line, struct strlist *ret, struct error *err)
{
    line += strspn(line, " \t");
    if (*line != '{') {
        strlist_add(ret, line);
        return 0;
    }
    struct json *doc;
    if (json_parse(line, strlen(line), &doc, err) < 0) {
        return error_wrap(err, "standard input");
    }
    int64_t id = json_number(doc, "id", 0);
    bool is_event = json_member(doc, "event");
    json_free(doc);
    if (id > 0) {
        strlist_take(ret, mem_printf("%" PRId64, id));
    } else if (!is_event) {
        return error_set(err, ERROR_USAGE, "standard input: a JSON line without an id");
    }
    return 0;
}

int ids_read(FILE *file, struct strlist *ret, struct error *err)
{
    AUTO_STRLIST struct strlist lines = STRLIST_INIT;
    if (inputs_read_any_list(file, &lines, err) < 0) {
        return -1;
    }
    for (size_t k = 0; k < lines.len; k++) {
        if (take_line(lines.items[k], ret, err) < 0) {
            return -1;
        }
    }
    return 0;
}

bool ids_is_id(const char *operand)
{
    return *operand == '@' ||
           (*operand && operand[strspn(operand, "0123456789")] == '\0');
}

int ids_expand(struct catalog *c, const struct strlist *operands, struct strlist *ret,
               struct error *err)
{
    bool used = false;
    for (size_t i = 0; i < operands->len; i++) {
        const char *operand = operands->items[i];
        int result = 0;
        if (strcmp(operand, "@picked") == 0) {
            result = ids_picked(c, ret, err);
        } else if (strcmp(operand, "-") != 0) {
            strlist_add(ret, operand);
        } else if (used) {
            return error_set(err, ERROR_USAGE,
                             "standard input can be used for one thing only");
        } else {
            used = true;
            result = ids_read(stdin, ret, err);
        }
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

static int resolve_picked(struct catalog *c, int64_t *ret, struct error *err)
{
    AUTO_STRLIST struct strlist ids = STRLIST_INIT;
    return ids_picked(c, &ids, err) < 0 ? -1
           : text_parse_int(ids.items[0], 1, INT64_MAX, ret);
}

static int resolve(struct catalog *c, const char *operand, int64_t *ret,
                   struct error *err)
{
    int64_t n;
    if (strcmp(operand, "@picked") == 0) {
        return resolve_picked(c, ret, err);
    }
    if (operand[0] != '@') {
        if (text_parse_int(operand, 1, INT64_MAX, ret)) {
            return 1;
        }
    } else if (text_parse_int(operand + 1, 1, INT64_MAX, &n)) {
        return c ? catalog_newest(c, n, ret, err) : 0;
    }
    error_set(err, ERROR_USAGE, "\"%s\" is no picture id", operand);
    return error_hint(err, "ids are numbers as `imgctl list` shows them, @1 for the"
                      " newest, @picked for the last choice");
}

void ids_settle(struct catalog *c, const struct strlist *operands, struct strlist *ret)
{
    for (size_t i = 0; i < operands->len; i++) {
        const char *operand = operands->items[i];
        struct error later = ERROR_INIT;
        int64_t id = 0;
        if (resolve(c, operand, &id, &later) > 0) {
            strlist_take(ret, mem_printf("%" PRId64, id));
        } else {
            strlist_add(ret, operand);
        }
    }
}

int ids_find(struct catalog *c, const char *operand, struct picture *ret,
             struct error *err)
{
    int64_t id = 0;
    int found = resolve(c, operand, &id, err);
    if (found > 0) {
        found = c ? catalog_picture(c, id, ret, err) : 0;
    }
    if (found == 0) {
        error_set(err, ERROR_NOT_FOUND, "there is no picture %s", operand);
        error_hint(err, "imgctl list shows what there is");
    }
    return found > 0 ? 0 : -1;
}

/* The tables as JSON, for programs that want to know what imgctl can do. */
#include "describe.h"
#include "imgctl/config.h"
#include "imgctl/help.h"
#include "imgctl/json.h"

static const char *type_name(enum option_type type)
{
    switch (type) {
    case OPTION_FLAG:
        return "flag";
    case OPTION_TEXT:
        return "text";
    case OPTION_LIST:
        return "list";
    case OPTION_INT:
        return "int";
    case OPTION_SIZE:
        return "size";
    case OPTION_DURATION:
        return "duration";
    case OPTION_MONEY:
        return "money";
    case OPTION_CHOICE:
        return "choice";
    case OPTION_INT_RANGE:
        return "int_range";
    case OPTION_SIZE_RANGE:
        return "size_range";
    case OPTION_DATE_RANGE:
        return "date_range";
    case OPTION_RATIO_RANGE:
        return "ratio_range";
    }
    return "text";
}

static const char *setting_type_name(enum setting_type type)
{
    switch (type) {
    case SETTING_TEXT:
        return "text";
    case SETTING_BOOL:
        return "bool";
    case SETTING_SIZE:
        return "size";
    case SETTING_INT:
        return "int";
    case SETTING_MONEY:
        return "money";
    case SETTING_CHOICE:
        return "choice";
    }
    return "text";
}

static void put_texts(struct json_writer *w, const char *key, const char *const *texts)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; texts && texts[i]; i++) {
        json_put_text(w, texts[i]);
    }
    json_end_array(w);
}

/* Bounds, or null where there are none. */
static void put_bounds(struct json_writer *w, bool bounded, int64_t min, int64_t max)
{
    json_key(w, "min");
    bounded ? json_put_int(w, min) : json_put_null(w);
    json_key(w, "max");
    bounded ? json_put_int(w, max) : json_put_null(w);
}

static void put_option(struct json_writer *w, const struct option *o, const char *title)
{
    const char letter[2] = { o->letter, '\0' };
    json_begin_object(w);
    json_member_text(w, "name", o->name);
    json_member_text(w, "letter", o->letter ? letter : NULL);
    json_member_text(w, "value", o->value);
    json_member_text(w, "type", type_name(o->type));
    json_member_bool(w, "negatable", o->type == OPTION_FLAG && o != &help_option);
    put_texts(w, "choices", o->choices);
    put_bounds(w, o->type == OPTION_INT && (o->min || o->max), o->min, o->max);
    json_member_text(w, "default", describe_default(o));
    json_member_text(w, "setting", o->config);
    json_member_text(w, "completion", describe_completion(o->complete));
    json_member_text(w, "set", title);
    json_member_text(w, "help", o->help);
    json_end_object(w);
}

static void put_options(struct json_writer *w, const struct option *options,
                        const char *title)
{
    for (const struct option *o = options; o && o->name; o++) {
        if (!o->hidden) {
            put_option(w, o, title);
        }
    }
}

static void put_operands(struct json_writer *w, const struct operand *operands)
{
    json_key(w, "operands");
    json_begin_array(w);
    for (const struct operand *o = operands; o && o->name; o++) {
        json_begin_object(w);
        json_member_text(w, "name", o->name);
        json_member_bool(w, "required", o->required);
        json_member_bool(w, "many", o->many);
        json_member_text(w, "completion", describe_completion(o->complete));
        json_member_text(w, "help", o->help);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_commands(struct json_writer *w, const struct command *parent,
                         const struct command *const *list);

static void put_command(struct json_writer *w, const struct command *parent,
                        const struct command *c)
{
    AUTO_BUF struct buf usage = BUF_INIT;
    help_usage(&usage, parent, c);
    json_begin_object(w);
    json_member_text(w, "name", c->name);
    json_member_text(w, "summary", c->summary);
    json_member_text(w, "group", c->group);
    json_member_text(w, "usage", usage.data);
    put_texts(w, "examples", c->examples);
    put_operands(w, c->operands);
    json_key(w, "options");
    json_begin_array(w);
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        put_options(w, c->sets[i].options, c->sets[i].title);
    }
    json_end_array(w);
    put_commands(w, c, c->children);
    json_end_object(w);
}

static void put_commands(struct json_writer *w, const struct command *parent,
                         const struct command *const *list)
{
    json_key(w, "commands");
    json_begin_array(w);
    for (; list && *list; list++) {
        put_command(w, parent, *list);
    }
    json_end_array(w);
}

static void put_settings(struct json_writer *w)
{
    json_key(w, "settings");
    json_begin_array(w);
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *s = &settings[i];
        json_begin_object(w);
        json_member_text(w, "key", s->key);
        json_member_text(w, "type", setting_type_name(s->type));
        put_texts(w, "choices", s->choices);
        put_bounds(w, s->type == SETTING_INT || s->type == SETTING_SIZE, s->min, s->max);
        json_member_text(w, "default", s->fallback);
        json_member_text(w, "help", s->help);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_exit_codes(struct json_writer *w)
{
    json_key(w, "exit_codes");
    json_begin_array(w);
    for (size_t i = 0; i < exit_codes_count; i++) {
        json_begin_object(w);
        json_member_int(w, "code", exit_codes[i].code);
        json_member_text(w, "label", exit_codes[i].label);
        json_member_text(w, "meaning", exit_codes[i].meaning);
        json_end_object(w);
    }
    json_end_array(w);
}

void help_json(struct buf *out)
{
    struct json_writer w = { .out = out, .pretty = true };
    json_begin_object(&w);
    json_member_int(&w, "schema", 1);
    json_member_text(&w, "program", "imgctl");
    json_key(&w, "options");
    json_begin_array(&w);
    put_options(&w, global_options, NULL);
    put_option(&w, &help_option, NULL);
    json_end_array(&w);
    put_commands(&w, NULL, commands);
    put_settings(&w);
    put_exit_codes(&w);
    json_end_object(&w);
    buf_addch(out, '\n');
}

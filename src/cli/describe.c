#include "describe.h"

#include <string.h>

#include "imgctl/config.h"

const struct option help_option = {
    .letter = 'h', .name = "help", .type = OPTION_FLAG, .help = "show this help",
};

const struct exit_code exit_codes[] = {
    { 0, "0", "done, or nothing to do" },
    { 1, "1", "failed in a way that no other code describes" },
    { 2, "2", "wrong usage or configuration, or a question that nobody is there to "
              "answer" },
    { 3, "3", "some items done, some failed" },
    { 4, "4", "credentials are missing, refused or expired" },
    { 5, "5", "a passing trouble of the network or the service; running again is safe" },
    { 6, "6", "a picture, file or business does not exist" },
    { 7, "7", "a file is no usable picture, or a picture breaks a rule" },
    { 8, "8", "a limit said no; nothing was done" },
    { 10, "10", "the catalog or the store cannot be used" },
    { 11, "11", "the service said a permanent no" },
    { 12, "12", "the outcome is unknown; do not just run it again" },
    { 128, "128+n", "ended by signal n" },
};

const size_t exit_codes_count = sizeof exit_codes / sizeof *exit_codes;

void describe_command(struct buf *out, const struct command *parent,
                      const struct command *c)
{
    buf_addstr(out, "imgctl");
    if (parent) {
        buf_addf(out, " %s", parent->name);
    }
    buf_addf(out, " %s", c->name);
}

const char *describe_default(const struct option *o)
{
    const struct setting *s = o->config ? setting_find(o->config) : NULL;
    return s && s->fallback ? s->fallback : o->fallback;
}

bool describe_has_options(const struct command *c)
{
    for (size_t i = 0; i < COMMAND_SETS; i++) {
        for (const struct option *o = c->sets[i].options; o && o->name; o++) {
            if (!o->hidden) {
                return true;
            }
        }
    }
    return false;
}

bool describe_choices_unsaid(const char *help, const char *const *choices)
{
    for (size_t i = 0; choices && choices[i]; i++) {
        if (!strstr(help, choices[i])) {
            return true;
        }
    }
    return false;
}

void describe_choices(struct buf *out, const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++) {
        buf_addf(out, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
    }
}

const char *describe_completion(enum completion complete)
{
    switch (complete) {
    case COMPLETE_NOTHING:
        return NULL;
    case COMPLETE_FILE:
        return "file";
    case COMPLETE_FOLDER:
        return "folder";
    case COMPLETE_PICTURE:
        return "picture";
    case COMPLETE_BUSINESS:
        return "business";
    case COMPLETE_TAG:
        return "tag";
    case COMPLETE_STORE:
        return "store";
    case COMPLETE_COMMAND:
        return "command";
    case COMPLETE_SETTING:
        return "setting";
    case COMPLETE_PROFILE:
        return "profile";
    case COMPLETE_MODEL:
        return "model";
    case COMPLETE_JOB:
        return "job";
    case COMPLETE_ACCOUNT:
        return "account";
    }
    return NULL;
}

bool describe_is_asked(enum completion complete)
{
    return complete != COMPLETE_NOTHING && complete != COMPLETE_FILE &&
           complete != COMPLETE_FOLDER && complete != COMPLETE_STORE &&
           complete != COMPLETE_COMMAND;
}

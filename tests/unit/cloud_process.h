/*
 * cloud_process.h - the cloud of tests/cloud for unit tests: start it, script it, ask it.
 */
#ifndef CLOUD_PROCESS_H
#define CLOUD_PROCESS_H

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "imgctl/http.h"
#include "imgctl/mem.h"
#include "test.h"

extern char **environ;

static pid_t cloud = -1;
static int cloud_leash = -1; /* the cloud ends when this is closed */
static char *cloud_base;     /* "http://127.0.0.1:PORT" */
static char folder[] = "/tmp/imgctl-cloud-XXXXXX";
static struct http_client *control;

static inline int read_port(int fd)
{
    char line[32] = "";
    size_t len = 0;
    while (len + 1 < sizeof line && read(fd, line + len, 1) == 1 && line[len] != '\n') {
        len++;
    }
    return atoi(line);
}

/* In a folder of its own; false if there is no Python or no cloud. */
static inline bool start_cloud(void)
{
    char python[] = "python3", program[] = "tests/cloud/cloud.py", dir[] = "--dir",
         limit[] = "--size-limit", bytes[] = "50000000";
    char *argv[] = { python, program, dir, folder, limit, bytes, NULL };
    posix_spawn_file_actions_t files;
    int in[2], out[2];
    if (access(program, R_OK) < 0 || pipe2(in, O_CLOEXEC) < 0 ||
        pipe2(out, O_CLOEXEC) < 0) {
        return false;
    }
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    bool started = posix_spawnp(&cloud, python, &files, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    close(in[0]);
    close(out[1]);
    int port = started ? read_port(out[0]) : 0;
    close(out[0]);
    cloud_leash = in[1];
    cloud_base = mem_printf("http://127.0.0.1:%d", port);
    return port > 0;
}

static inline int remove_one(const char *path, const struct stat *st, int kind,
                             struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static inline void stop_cloud(void)
{
    close(cloud_leash);
    if (cloud > 0) {
        waitpid(cloud, NULL, 0);
    }
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(cloud_base);
}

/* Ask the cloud something; the answer's text, caller frees. */
static inline char *ask(const char *what, const char *body)
{
    struct http_response answer = HTTP_RESPONSE_INIT;
    struct error err = ERROR_INIT;
    AUTO_FREE char *url = mem_printf("%s/_control/%s", cloud_base, what);
    struct http_request request = HTTP_REQUEST_INIT;
    request.url = url;
    request.method = body ? "POST" : "GET";
    request.body = body;
    request.body_len = body ? strlen(body) : 0;
    CHECK_INT(http_perform(control, &request, &answer, &err), 0);
    CHECK_INT(answer.status, 200);
    char *text = buf_detach(&answer.body);
    http_response_release(&answer);
    return text;
}

static inline void fault(const char *rule)
{
    free(ask("fault", rule));
}

static inline int count(const char *what)
{
    AUTO_FREE char *call = mem_printf("count/%s", what);
    AUTO_FREE char *text = ask(call, NULL);
    return atoi(text);
}

static inline void check_no_violations(void)
{
    AUTO_FREE char *text = ask("violations", NULL);
    CHECK_STR(text, "");
}

/* Does the last request that was recorded have TEXT in it? */
static inline void check_last_request(const char *text)
{
    AUTO_FREE char *requests = ask("requests", NULL);
    size_t len = strlen(requests);
    char *last = memrchr(requests, '\n', len > 0 ? len - 1 : 0);
    CHECK(strstr(last ? last : requests, text) != NULL);
}

#endif

#include "imgctl/http.h"

#include "http_module.h"
#include "imgctl/module.h"
#include "policy.h"

static const struct http_module *module;

int http_client_new(const struct http_options *options, struct http_client **ret,
                    struct error *err)
{
    if (!module) {
#ifdef IMGCTL_STATIC
        module = &imgctl_http_module;
#else
        module = module_load("http", err);
#endif
    }
    return module ? module->client_new(options, ret, err) : -1;
}

void http_client_free(struct http_client *c)
{
    if (c) {
        module->client_free(c);
    }
}

int http_start(struct http_client *c, const struct http_request *request,
               http_done *done, void *cookie, struct error *err)
{
    return module->start(c, request, done, cookie, err);
}

int http_run(struct http_client *c, int timeout)
{
    return module->run(c, -1, timeout);
}

int http_wait(struct http_client *c, int wake_fd, int timeout)
{
    return module->run(c, wake_fd, timeout);
}

void http_cancel(struct http_client *c)
{
    module->cancel(c);
}

bool http_host_is_loopback(const char *host)
{
    return address_host_is_loopback(host);
}

void http_response_release(struct http_response *r)
{
    buf_release(&r->body);
    *r = (struct http_response)HTTP_RESPONSE_INIT;
}

struct waited {
    bool over;
    int result;
    struct http_response *response;
    struct error *err;
};

static void take_answer(void *cookie, int result, struct http_response *response,
                        struct error *err)
{
    struct waited *w = cookie;
    w->over = true;
    w->result = result;
    *w->response = *response;
    response->body = (struct buf)BUF_INIT;
    if (result < 0) {
        *w->err = *err;
    }
}

int http_perform(struct http_client *c, const struct http_request *request,
                 struct http_response *response, struct error *err)
{
    struct waited w = { .response = response, .err = err };
    *response = (struct http_response)HTTP_RESPONSE_INIT;
    if (http_start(c, request, take_answer, &w, err) < 0) {
        return -1;
    }
    while (!w.over) {
        http_run(c, -1);
    }
    return w.result;
}

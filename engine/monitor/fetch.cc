// GET /metrics, read.
#include "engine/monitor/fetch.h"

#include <errno.h>

#include "engine/http/client.h"

namespace penstock {

Result<Sample> fetch_sample(const ListenAddress& engine) {
  const Result<HttpPage> page = http_get(engine, "/metrics", kFetchPatience);
  if (!page) {
    Error error = page.error();
    if (error.code == ECONNREFUSED)
      error.fix = "start `penstock run`, or name its [metrics] listen with --address or --config";
    return tl::unexpected(error);
  }
  if (page->status == 200) return parse_sample(page->body);
  return fail("the engine at " + engine.to_string() +
              " says: " + page->body.substr(0, page->body.find('\n')));
}

}  // namespace penstock

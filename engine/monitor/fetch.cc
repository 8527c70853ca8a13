// GET /metrics, read.
#include "engine/monitor/fetch.h"

#include <errno.h>

#include <algorithm>
#include <string>

#include "engine/http/client.h"
#include "engine/monitor/printable.h"

namespace penstock {

Result<EngineSample> fetch_sample(const ListenAddress& engine) {
  const Result<HttpPage> page = http_get(engine, "/metrics", kFetchPatience);
  if (!page) {
    Error error = page.error();
    if (error.code == ECONNREFUSED)
      error.fix = "start `penstock run`, or name its [metrics] listen with --address or --config";
    return tl::unexpected(error);
  }
  if (page->status == 200) return parse_sample(page->body);
  return fail("the engine at " + engine.to_string() +
              " says: " + printable(page->body.substr(0, std::min<std::size_t>(200, page->body.find('\n')))));
}

}  // namespace penstock

// Write beside, then rename.
#include "engine/metrics/counters_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "engine/base/unique_fd.h"

namespace penstock {

Status write_counters_file(const std::filesystem::path& file, std::string_view text) {
  const std::string beside = file.string() + ".new";
  const UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd)
    return fail("write counters to " + beside, errno, "name a file in a folder that can be written to");
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("write counters to " + beside, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (std::rename(beside.c_str(), file.c_str()) != 0)
    return fail("rename " + beside + " to " + file.string(), errno);
  return {};
}

}  // namespace penstock

// To the end, whatever length the file says that it has: those of /proc say 0.
#include "engine/base/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "engine/base/unique_fd.h"

namespace penstock {

Result<std::string> read_file(const std::filesystem::path& file) {
  constexpr std::size_t kChunk = 64 * 1024;
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail("read " + file.string(), errno);
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kChunk);
    const ssize_t got = read(fd.get(), text.data() + before, kChunk);
    const int code = errno;
    text.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return text;
    if (got < 0 && code != EINTR) return fail("read " + file.string(), code);
  }
}

std::string first_line_of(const std::filesystem::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

}  // namespace penstock

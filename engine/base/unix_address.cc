// Into a sockaddr_un.
#include "engine/base/unix_address.h"

#include <errno.h>

#include <cstddef>
#include <cstring>
#include <string>

namespace penstock {

Result<UnixAddress> UnixAddress::parse(std::string_view name) {
  UnixAddress to;
  to.address.sun_family = AF_UNIX;
  if (!name.starts_with('/') && !name.starts_with('@')) return fail("neither an absolute path nor @name");
  constexpr std::size_t kMost = sizeof(to.address.sun_path) - 1;
  if (name.size() > kMost) return fail("longer than " + std::to_string(kMost) + " characters", ENAMETOOLONG);
  std::memcpy(to.address.sun_path, name.data(), name.size());
  if (name.front() == '@') to.address.sun_path[0] = '\0';
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return to;
}

}  // namespace penstock

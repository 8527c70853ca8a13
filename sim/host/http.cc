// A file in memory, python3, curl, and SHA-256 over what came.
#include "sim/host/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>

#include "engine/base/random.h"
#include "engine/base/wait.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 80;
constexpr Nanoseconds kStartTimeout = 20 * kSecond;

// HTTPServer's own server_bind() asks DNS for the name of its address, which takes seconds where nobody
// answers.
constexpr char kServer[] = R"(
import functools, http.server, socketserver, sys
class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address
address, port, folder = sys.argv[1:]
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
Server((address, int(port)), handler).serve_forever()
)";

// A file in memory, mapped.
class Mapped {
 public:
  Mapped(int file, std::uint64_t bytes, int protection)
      : bytes_(bytes), at_(bytes == 0 ? nullptr : mmap(nullptr, bytes, protection, MAP_SHARED, file, 0)) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (at_ != nullptr && at_ != MAP_FAILED) munmap(at_, bytes_);
  }
  bool failed() const { return at_ == MAP_FAILED; }
  std::span<std::byte> bytes() const { return {static_cast<std::byte*>(at_), bytes_}; }

 private:
  std::uint64_t bytes_;
  void* at_;
};

std::string sha256_of(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), &length, EVP_sha256(), nullptr) != 1) return "";
  std::string text;
  for (unsigned i = 0; i < length; ++i)
    text += fmt::format("{:02x}", hash[i]);
  return text;
}

// The bytes' own SHA-256 comes with them.
Result<std::pair<UniqueFd, std::string>> seeded_file(std::uint64_t bytes, std::uint64_t seed) {
  UniqueFd file(memfd_create("download", MFD_CLOEXEC));
  if (!file || ftruncate(file.get(), static_cast<off_t>(bytes)) < 0)
    return fail("make a file in memory", errno);
  const Mapped mapped(file.get(), bytes, PROT_READ | PROT_WRITE);
  if (mapped.failed()) return fail("map a file in memory", errno);
  Random(seed, "download").fill(mapped.bytes());
  return std::pair(std::move(file), sha256_of(mapped.bytes()));
}

// A connection is the only sign that the server listens.
Status await_server(const NetNamespace& ns, const std::string& address, const RunningProgram& server) {
  const std::string what = "wait for the HTTP server on " + address;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  if (inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) return fail(what, EINVAL);
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + kStartTimeout;
  for (;;) {
    const Result<UniqueFd> socket = ns.socket(AF_INET, SOCK_STREAM, 0);
    if (!socket) return fail(what, socket.error());
    if (connect(socket->get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) return {};
    if (errno != ECONNREFUSED) return fail(what, errno);
    if (clock.now() > deadline) return fail(what + ": " + server.err(), ETIMEDOUT);
    sleep_for(5 * kMillisecond);
  }
}

}  // namespace

Result<FileServer> FileServer::start(const NetNamespace& ns, const std::string& address, std::uint64_t bytes,
                                     std::uint64_t seed) {
  Result<std::pair<UniqueFd, std::string>> file = seeded_file(bytes, seed);
  if (!file) return tl::unexpected(file.error());
  // The folder that it serves is this process's descriptors, the file's name its number.
  const std::string folder = fmt::format("/proc/{}/fd", getpid());
  Result<RunningProgram> program = RunningProgram::start(
      {.arguments = {"/usr/bin/python3", "-c", kServer, address, fmt::format("{}", kPort), folder},
       .network_namespace = ns.fd()});
  if (!program) return tl::unexpected(program.error());
  if (Status s = await_server(ns, address, *program); !s) return tl::unexpected(s.error());
  std::string url = fmt::format("http://{}:{}/{}", address, kPort, file->first.get());
  return FileServer(std::move(file->first), std::move(*program), std::move(url), std::move(file->second),
                    bytes);
}

Result<Download> Download::start(const NetNamespace& ns, const std::string& url,
                                 std::uint64_t bytes_per_second) {
  Program curl{.arguments = {"curl", "--silent", "--show-error", "--fail", "--write-out",
                             "%{stderr}%{time_total}", url},
               .network_namespace = ns.fd()};
  if (bytes_per_second != 0) {
    curl.arguments.insert(curl.arguments.end() - 1, {"--limit-rate", fmt::format("{}", bytes_per_second)});
  }
  Result<RunningProgram> program = RunningProgram::start(curl);
  if (!program) return tl::unexpected(program.error());
  return Download(std::move(*program));
}

std::uint64_t Download::bytes_so_far() const {
  struct stat status {};
  return fstat(program_.out_fd(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<DownloadResult> Download::finish(Nanoseconds timeout) {
  const Result<int> ended = program_.wait_for_exit(timeout);
  if (!ended) return tl::unexpected(ended.error());
  const std::string err = program_.err();
  if (*ended != 0) return fail(fmt::format("download: curl: exit status {}: {}", *ended, err));
  const Mapped got(program_.out_fd(), bytes_so_far(), PROT_READ);
  if (got.failed()) return fail("download: map what came", errno);
  return DownloadResult{.bytes = got.bytes().size(),
                        .sha256 = sha256_of(got.bytes()),
                        .elapsed = std::llround(std::strtod(err.c_str(), nullptr) * kSecond)};
}

}  // namespace penstock

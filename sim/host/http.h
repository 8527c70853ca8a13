// Downloads by HTTP, with programs that know nothing of us: python3's http.server and curl.
//
// The server hands out one file in memory, full of bytes from a seed. What curl got is compared to it byte
// for byte, by SHA-256. Nothing is written to disk.
//
// Thread safety: as RunningProgram; both die with the thread that started them.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "sim/topology/netns.h"
#include "sim/topology/running_program.h"

namespace penstock {

class FileServer {
 public:
  // Returns when it accepts connections.
  static Result<FileServer> start(const NetNamespace& ns, const std::string& address, std::uint64_t bytes,
                                  std::uint64_t seed);

  const std::string& url() const { return url_; }
  const std::string& sha256() const { return sha256_; }  // of what it hands out, in hex
  std::uint64_t bytes() const { return bytes_; }

 private:
  FileServer(UniqueFd file, RunningProgram program, std::string url, std::string sha256, std::uint64_t bytes)
      : file_(std::move(file)),
        program_(std::move(program)),
        url_(std::move(url)),
        sha256_(std::move(sha256)),
        bytes_(bytes) {}

  UniqueFd file_;  // the server opens it by /proc of this process
  RunningProgram program_;
  std::string url_;
  std::string sha256_;
  std::uint64_t bytes_;
};

struct DownloadResult {
  std::uint64_t bytes = 0;
  std::string sha256{};     // in hex
  Nanoseconds elapsed = 0;  // as curl measured it
};

class Download {
 public:
  // `bytes_per_second`: curl reads no faster than that, so that a download lasts; 0: as fast as it comes.
  static Result<Download> start(const NetNamespace& ns, const std::string& url,
                                std::uint64_t bytes_per_second = 0);

  // Until finish().
  std::uint64_t bytes_so_far() const;

  // Until curl has ended, call once. Fails when the connection did, and with ETIMEDOUT.
  Result<DownloadResult> finish(Nanoseconds timeout);

 private:
  explicit Download(RunningProgram program) : program_(std::move(program)) {}

  RunningProgram program_;
};

}  // namespace penstock

// Asking the file system.
#include "engine/doctor/capture_checks.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "engine/capture/rotating_capture.h"

namespace penstock {

void check_capture(const CaptureSpec& capture, Findings& findings) {
  constexpr std::uint64_t kMib = 1 << 20;
  const std::string& folder = capture.folder;
  if (folder.empty()) return;
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) {
    findings.push_back({Level::kFail, "capture", fmt::format("{}: {}", folder, std::strerror(errno)),
                        fmt::format("`mkdir {}`, or another capture.folder", folder)});
    return;
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    findings.push_back({Level::kFail, "capture", folder + ": this user may not write there",
                        "let the engine's user write there, or another capture.folder"});
    return;
  }
  const std::uint64_t wanted = std::uint64_t{capture.files} * capture.file_mib;
  const std::uint64_t room =
      (std::uint64_t{disk.f_bavail} * disk.f_frsize + RotatingCapture::bytes_in(folder)) / kMib;
  const std::string found = fmt::format("{} MiB of room for up to {} MiB in {}", room, wanted, folder);
  if (room >= wanted) {
    findings.push_back({Level::kOk, "capture", found});
  } else {
    findings.push_back({Level::kWarn, "capture",
                        found + ": the disk would be full before the oldest file goes",
                        "make room there, or lower capture.files or capture.file_mib"});
  }
}

}  // namespace penstock

// Numbers, files, rotation.
#include "engine/capture/rotating_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::string_view kBefore = "penstock-";
constexpr std::string_view kBehind = ".pcapng";
constexpr int kFileMode = 0640;

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(kBefore) || !name.ends_with(kBehind)) return std::nullopt;
  name.remove_prefix(kBefore.size());
  name.remove_suffix(kBehind.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string name_of(std::uint64_t number) {
  return fmt::format("{}{:06}{}", kBefore, number, kBehind);
}

// Of the files in the folder that bear our names, in ascending order.
std::deque<std::uint64_t> numbers_in(const std::filesystem::path& folder, std::error_code& error) {
  std::deque<std::uint64_t> numbers;
  for (std::filesystem::directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
    const std::string name = each->path().filename();
    const std::optional<std::uint64_t> number = number_of(name);
    if (number && name_of(*number) == name) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string fix_of(int code) {
  return code == ENOSPC || code == EDQUOT ? "make room there, or lower capture.files or capture.file_mib"
                                          : "";
}

}  // namespace

Result<RotatingCapture> RotatingCapture::open(std::filesystem::path folder, const Limits& limits,
                                              std::span<const PcapngInterface> interfaces) {
  PENSTOCK_CHECK(limits.files > 0);
  RotatingCapture capture(std::move(folder), limits);
  if (Status s = capture.list(); !s) return tl::unexpected(s.error());
  append_section(capture.head_, interfaces);
  return capture;
}

std::uint64_t RotatingCapture::bytes_in(const std::filesystem::path& folder) {
  std::uint64_t total = 0;
  std::error_code ignored;
  for (const std::uint64_t number : numbers_in(folder, ignored)) {
    const std::uintmax_t bytes = std::filesystem::file_size(folder / name_of(number), ignored);
    if (!ignored) total += bytes;
  }
  return total;
}

Status RotatingCapture::list() {
  const std::string what = "capture into " + folder_.string();
  std::error_code error;
  numbers_ = numbers_in(folder_, error);
  if (error) return fail(what, error.value(), "make the folder, and let the engine's user write there");
  if (!numbers_.empty()) last_ = numbers_.back();
  if (access(folder_.c_str(), W_OK | X_OK) != 0)
    return fail(what, errno, "let the engine's user write there");
  return {};
}

std::filesystem::path RotatingCapture::path_of(std::uint64_t number) const {
  return folder_ / name_of(number);
}

Status RotatingCapture::begin_file() {
  file_ = UniqueFd();
  while (numbers_.size() >= limits_.files) {
    const std::filesystem::path oldest = path_of(numbers_.front());
    if (unlink(oldest.c_str()) != 0 && errno != ENOENT) return fail("remove " + oldest.string(), errno);
    numbers_.pop_front();
  }
  const std::filesystem::path path = path_of(++last_);
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, kFileMode));
  if (!file) return fail("make " + path.string(), errno, fix_of(errno));
  file_ = std::move(file);
  size_ = 0;
  numbers_.push_back(last_);
  ++begun_;
  return {};
}

Status RotatingCapture::append(std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(file_.get(), &bytes[done], bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int code = written < 0 ? errno : EIO;
      const std::filesystem::path path = path_of(last_);
      // Half a block must not stay. Where it cannot be cut off, the next file begins whole.
      if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) file_ = UniqueFd();
      return fail("write " + path.string(), code, fix_of(code));
    }
    done += static_cast<std::size_t>(written);
  }
  size_ += bytes.size();
  return {};
}

Status RotatingCapture::write(std::span<const std::byte> blocks) {
  const bool holds_packets = size_ > head_.size();
  if (!file_ || (holds_packets && size_ + blocks.size() > limits_.file_bytes)) {
    if (Status s = begin_file(); !s) return s;
  }
  if (size_ == 0) {
    if (Status s = append(head_); !s) return s;
  }
  return append(blocks);
}

}  // namespace penstock

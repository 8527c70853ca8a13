// The walk from the payload outwards.
#include "engine/packet/frame_builder.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace penstock {

FrameBuilder& FrameBuilder::add(Header header) {
  PENSTOCK_CHECK(header_count_ < kMaxHeaders);
  headers_[header_count_++] = std::move(header);
  return *this;
}

FrameBuilder& FrameBuilder::payload(std::span<const std::byte> bytes) {
  payload_ = bytes;
  return *this;
}

FrameBuilder& FrameBuilder::padding(std::size_t bytes) {
  padding_ = bytes;
  return *this;
}

FrameBuilder& FrameBuilder::pad_to(std::size_t bytes) {
  const std::size_t now = size();
  if (now < bytes) padding_ += bytes - now;
  return *this;
}

std::size_t FrameBuilder::size() const {
  std::size_t bytes = payload_.size() + padding_;
  for (std::size_t i = 0; i < header_count_; ++i) {
    bytes += std::visit([](const auto& header) { return header.size(); }, headers_[i]);
  }
  return bytes;
}

std::vector<std::byte> FrameBuilder::build() const {
  std::vector<std::byte> frame(size());
  write(frame);
  return frame;
}

void FrameBuilder::write(std::span<std::byte> to) const {
  PENSTOCK_CHECK(to.size() == size());
  const std::size_t end = to.size() - padding_;
  std::fill(to.begin() + static_cast<std::ptrdiff_t>(end), to.end(), std::byte{0});
  std::size_t at = end - payload_.size();
  std::copy(payload_.begin(), payload_.end(), to.begin() + static_cast<std::ptrdiff_t>(at));

  InnerType inner;
  for (std::size_t i = header_count_; i-- > 0;) {
    HeaderSurroundings around{.inner = inner, .address_sum = {}};
    if (i > 0) {
      around.address_sum =
          std::visit([](const auto& header) { return header.address_sum(); }, headers_[i - 1]);
    }
    std::visit(
        [&](const auto& header) {
          at -= header.size();
          header.write(to.subspan(at, end - at), around);
          inner = header.type();
        },
        headers_[i]);
  }
}

}  // namespace penstock

// Mutated frames, and every eighth a special case.
#include "sim/oracle_fuzz/cases.h"

#include "engine/packet/byte_order.h"
#include "sim/oracle_fuzz/case_maker.h"

namespace penstock {

CaseMaker::CaseMaker(const FuzzHost& host, std::uint64_t seed, std::uint64_t number)
    : host_(host), number_(number), random_(seed, "oracle cases", number) {}

EthernetHeader CaseMaker::ethernet() const {
  return {.destination = host_.mac(), .source = {{2, 0, 0, 0, 0, 1}}};
}

Ipv4Header CaseMaker::ip() {
  Ipv4Header header;
  const auto high = static_cast<std::uint8_t>(number_ >> 16);
  header.source = {{198, 18, high, static_cast<std::uint8_t>(random_.between(1, 254))}};
  const std::vector<Ipv4Address> own = host_.addresses();
  header.destination = own[random_.below(own.size())];
  header.id = static_cast<std::uint16_t>(number_);
  return header;
}

Ipv6Header CaseMaker::ip6() {
  Ipv6Header header;
  header.source = {0x20, 0x01, 0x0d, 0xb8, 0, 9};
  header.source[14] = static_cast<std::uint8_t>(number_ >> 16);
  header.source[15] = static_cast<std::uint8_t>(random_.between(1, 254));
  const std::vector<Ipv6Address> own = host_.ipv6_addresses();
  header.destination = own[random_.below(own.size())].bytes;
  return header;
}

UdpHeader CaseMaker::udp() {
  UdpHeader header{.source_port = static_cast<std::uint16_t>(random_.between(1'024, 60'000)),
                   .destination_port = host_.ports[random_.below(host_.ports.size())]};
  const std::uint64_t checksum = random_.below(10);
  if (checksum == 0) header.checksum = ChecksumMode::kZero;
  if (checksum == 1) header.checksum = ChecksumMode::kBad;
  return header;
}

std::vector<std::byte> CaseMaker::payload(std::size_t bytes) {
  std::vector<std::byte> content(std::max<std::size_t>(bytes, 8));
  random_.fill(content);
  store_be32(&content[0], static_cast<std::uint32_t>(number_ >> 32));
  store_be32(&content[4], static_cast<std::uint32_t>(number_));
  content.resize(bytes);
  return content;
}

namespace {

MutatorOptions mutator_options(std::uint64_t seed, std::uint64_t first) {
  return {.seed = seed, .first = first, .max_bytes = FuzzHost::kLongestFrame};
}

std::vector<FrameBytes> make_special(CaseMaker& maker) {
  const std::uint64_t kind = maker.random().below(100);
  if (kind < 40) return make_fragments(maker);
  if (kind < 65) return make_options(maker);
  if (kind < 80) return make_ipv6_fragments(maker);
  if (kind < 90) return make_ipv6_extensions(maker);
  return make_group_destination(maker);
}

}  // namespace

Cases::Cases(const FuzzHost& host, std::uint64_t seed, std::uint64_t first)
    : host_(host), seed_(seed), number_(first), mutator_(host.classifier(), mutator_options(seed, first)) {}

Case Cases::next() {
  const std::span<const std::byte> mutated = mutator_.next();
  const std::uint64_t number = number_++;
  if (number % kEvery != kEvery - 1) return {FrameBytes(mutated.begin(), mutated.end())};
  CaseMaker maker(host_, seed_, number);
  return make_special(maker);
}

}  // namespace penstock

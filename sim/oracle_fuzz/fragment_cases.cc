// Datagrams in fragments: whole and in order, and everything that can go wrong with them.
#include <algorithm>
#include <cstring>

#include "engine/packet/byte_order.h"
#include "sim/oracle_fuzz/case_maker.h"

namespace penstock {
namespace {

constexpr std::uint8_t kFragmentHeader = 44;
constexpr std::size_t kLongestPiece = 1'472;  // a multiple of 8, as all but the last must be

// A piece of a datagram: its bytes, and what its fragment header says.
struct Piece {
  std::vector<std::byte> bytes;
  std::size_t offset = 0;  // in bytes
  bool more = true;
};

std::size_t draw_length(CaseMaker& m) {
  const std::uint64_t kind = m.random().below(10);
  if (kind < 3) return m.random().between(16, 400);
  if (kind < 8) return m.one_in(2) ? 1'203 : 1'228;
  return m.random().between(1'465, 4'000);
}

std::vector<Piece> split(CaseMaker& m, const std::vector<std::byte>& datagram) {
  std::vector<Piece> pieces;
  const std::size_t most = std::min(kLongestPiece, datagram.size());
  for (std::size_t at = 0; at < datagram.size();) {
    const std::size_t length =
        std::min(8 * m.random().between(1, std::max<std::size_t>(most / 8, 1)), datagram.size() - at);
    const auto* from = datagram.data() + at;
    at += length;
    pieces.push_back({{from, from + length}, at - length, at < datagram.size()});
    if (pieces.size() == 12 && at < datagram.size()) {  // the rest, as much as a frame holds
      const std::size_t rest = std::min(kLongestPiece, datagram.size() - at);
      pieces.push_back({{datagram.data() + at, datagram.data() + at + rest}, at, false});
      break;
    }
  }
  return pieces;
}

// One thing that senders, networks and attackers do to fragments; half of the cases are left alone.
void spoil(CaseMaker& m, std::vector<Piece>& pieces) {
  Random& random = m.random();
  Piece& one = pieces[random.below(pieces.size())];
  switch (random.below(20)) {
    case 0:
    case 1:  // any order
      for (std::size_t i = pieces.size(); i > 1; --i)
        std::swap(pieces[i - 1], pieces[random.below(i)]);
      return;
    case 2:  // a gap
      pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(random.below(pieces.size())));
      return;
    case 3:  // twice the same
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(random.below(pieces.size() + 1)), one);
      return;
    case 4:  // over the next one
      one.bytes.insert(one.bytes.end(), 8, std::byte{0xee});
      return;
    case 5:  // over the one before
      if (one.offset >= 8) one.offset -= 8;
      return;
    case 6:  // not a multiple of 8, or a last one cut short
      one.bytes.resize(one.bytes.size() - std::min<std::size_t>(one.bytes.size(), random.between(1, 7)));
      return;
    case 7:  // no last one, or several
      one.more = !one.more;
      return;
    case 8:  // nothing in it
      one.bytes.clear();
      return;
    case 9:  // beyond what a datagram can be
      one.offset = 8 * random.between(8'000, 8'191);
      return;
    default:
      return;
  }
}

}  // namespace

std::vector<FrameBytes> make_fragments(CaseMaker& m) {
  Ipv4Header ip = m.ip();
  std::vector<Piece> pieces = split(m, m.datagram(ip, m.udp(), draw_length(m)));
  spoil(m, pieces);
  ip.protocol = m.one_in(20) ? kProtocolTcp : kProtocolUdp;
  const std::uint64_t odd = m.random().below(24);  // which header is odd, if one is
  std::vector<FrameBytes> frames;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Ipv4Header header = ip;
    header.fragment_offset = static_cast<std::uint16_t>(pieces[i].offset / 8);
    header.more_fragments = pieces[i].more;
    if (odd == i) {
      switch (m.random().below(6)) {
        case 0:
          header.tos = static_cast<std::uint8_t>(m.random().below(4));  // ECN
          break;
        case 1:
          header.options.assign(4, std::byte{1});
          break;
        case 2:
          header.checksum = ChecksumMode::kBad;
          break;
        case 3:
          header.dont_fragment = true;
          break;
        case 4:
          header.id = static_cast<std::uint16_t>(header.id + 1);
          break;
        default:
          header.ttl = 1;
          break;
      }
    }
    frames.push_back(FrameBuilder().add(m.ethernet()).add(header).payload(pieces[i].bytes).build());
  }
  return frames;
}

std::vector<FrameBytes> make_ipv6_fragments(CaseMaker& m) {
  Ipv6Header ip = m.ip6();
  std::vector<Piece> pieces = split(m, m.datagram(ip, m.udp(), draw_length(m)));
  spoil(m, pieces);
  if (m.one_in(10)) pieces = {{pieces.front().bytes, 0, false}};  // "atomic": a fragment that is all
  ip.next_header = kFragmentHeader;
  std::vector<FrameBytes> frames;
  const auto id = static_cast<std::uint32_t>(m.random().next());
  for (const Piece& piece : pieces) {
    std::vector<std::byte> content(8);
    content[0] = std::byte{kProtocolUdp};
    store_be16(&content[2], static_cast<std::uint16_t>((piece.offset & 0xfff8) | (piece.more ? 1 : 0)));
    store_be32(&content[4], id);
    content.insert(content.end(), piece.bytes.begin(), piece.bytes.end());
    frames.push_back(FrameBuilder().add(m.ethernet()).add(ip).payload(content).build());
  }
  return frames;
}

}  // namespace penstock

// Two generic netlink questions: the family's number, then the device.
#include "sim/topology/xdp_features.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

namespace penstock {
namespace {

// include/uapi/linux/netdev.h
constexpr char kFamily[] = "netdev";
constexpr std::uint8_t kFamilyVersion = 1;
constexpr std::uint8_t kDevGet = 1;
constexpr std::uint16_t kDevIfindex = 1;
constexpr std::uint16_t kDevXdpFeatures = 3;

using Buffer = std::array<char, 8192>;

nlmsghdr* put_request(Buffer& buffer, std::uint16_t type, std::uint8_t command, std::uint8_t version) {
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = type;
  request->nlmsg_flags = NLM_F_REQUEST;
  auto* header = static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(request, sizeof(genlmsghdr)));
  header->cmd = command;
  header->version = version;
  return request;
}

// One request, one answer; each attribute of it goes to `read`. Returns 0 or an errno.
int ask(int socket, const nlmsghdr* request, mnl_attr_cb_t read, void* state) {
  struct Reader {
    mnl_attr_cb_t read;
    void* state;
  } reader{read, state};
  const auto parse = [](const nlmsghdr* message, void* data) {
    const auto& to = *static_cast<Reader*>(data);
    mnl_attr_parse(message, sizeof(genlmsghdr), to.read, to.state);
    return MNL_CB_STOP;
  };
  Buffer buffer;
  if (::send(socket, request, request->nlmsg_len, 0) < 0) return errno;
  const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (got < 0) return errno;
  return mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, parse, &reader) < 0 ? errno : 0;
}

int read_family(const nlattr* attribute, void* id) {
  if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
    *static_cast<std::uint16_t*>(id) = mnl_attr_get_u16(attribute);
  return MNL_CB_OK;
}

int read_features(const nlattr* attribute, void* features) {
  if (mnl_attr_get_type(attribute) == kDevXdpFeatures)
    *static_cast<std::optional<std::uint64_t>*>(features) = mnl_attr_get_u64(attribute);
  return MNL_CB_OK;
}

}  // namespace

Result<std::optional<std::uint64_t>> read_xdp_features(const NetNamespace& ns, unsigned ifindex) {
  const std::string what = fmt::format("read the XDP features of interface {}", ifindex);
  const Result<UniqueFd> socket = ns.socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
  if (!socket) return fail(what, socket.error());

  Buffer buffer{};
  nlmsghdr* request = put_request(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
  mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, kFamily);
  std::uint16_t family = 0;
  const int no_family = ask(socket->get(), request, read_family, &family);
  if (no_family == ENOENT) return std::nullopt;
  if (no_family != 0) return fail(what + ": find the family netdev", no_family);

  request = put_request(buffer, family, kDevGet, kFamilyVersion);
  mnl_attr_put_u32(request, kDevIfindex, ifindex);
  std::optional<std::uint64_t> features;
  if (const int error = ask(socket->get(), request, read_features, &features); error != 0)
    return fail(what, error);
  return features;
}

}  // namespace penstock

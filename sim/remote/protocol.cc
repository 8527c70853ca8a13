// Values to JSON and back.
#include "sim/remote/protocol.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace penstock {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShown = 120;  // characters of a line in an error

Json to_json(const Count& count) {
  return count.known() ? Json(count.value) : Json(count.missing);
}

Count count_of(const Json& json) {
  return json.is_string() ? Count::unknown(json.get<std::string>()) : Count(json.get<std::uint64_t>());
}

Json body_of(const RemoteHello& m) {
  return {{"protocol", m.protocol}, {"version", m.version}};
}

Json body_of(const RemoteTask& m) {
  return {{"scenario", m.scenario}, {"name", m.name}, {"seed", m.seed}, {"interface", m.interface}};
}

Json body_of(const RemoteReady& m) {
  return {{"frames", m.frames}, {"digest", m.digest}, {"mac", m.mac}};
}

Json body_of(const RemoteSend&) {
  return Json::object();
}

Json body_of(const RemoteProgress& m) {
  return {{"done", m.done}};
}

Json body_of(const RemoteSent& m) {
  return {{"frames", m.report.sent.frames},
          {"bytes", m.report.sent.bytes},
          {"elapsed_ns", m.report.elapsed},
          {"asked_ns", m.report.asked},
          {"lateness_max_ns", m.report.lateness_max},
          {"refusals", m.report.refusals},
          {"missed_rate", m.report.missed_rate},
          {"redirected", m.report.redirected},
          {"refused", m.report.refused},
          {"ring_full", m.report.ring_full},
          {"tx_packets", m.device.tx_packets},
          {"tx_dropped", m.device.tx_dropped},
          {"device_sent", to_json(m.device.sent)},
          {"xdp_xmit", to_json(m.device.xdp_xmit)},
          {"xdp_xmit_errors", to_json(m.device.xdp_xmit_errors)},
          {"host_frames", to_json(m.host_frames)}};
}

Json body_of(const RemoteFailure& m) {
  return {{"what", m.what}};
}

RemoteSent sent_of(const Json& body) {
  RemoteSent m;
  body.at("frames").get_to(m.report.sent.frames);
  body.at("bytes").get_to(m.report.sent.bytes);
  body.at("elapsed_ns").get_to(m.report.elapsed);
  body.at("asked_ns").get_to(m.report.asked);
  body.at("lateness_max_ns").get_to(m.report.lateness_max);
  body.at("refusals").get_to(m.report.refusals);
  body.at("missed_rate").get_to(m.report.missed_rate);
  body.at("redirected").get_to(m.report.redirected);
  body.at("refused").get_to(m.report.refused);
  body.at("ring_full").get_to(m.report.ring_full);
  body.at("tx_packets").get_to(m.device.tx_packets);
  body.at("tx_dropped").get_to(m.device.tx_dropped);
  m.device.sent = count_of(body.at("device_sent"));
  m.device.xdp_xmit = count_of(body.at("xdp_xmit"));
  m.device.xdp_xmit_errors = count_of(body.at("xdp_xmit_errors"));
  m.host_frames = count_of(body.at("host_frames"));
  return m;
}

RemoteMessage message_of(const std::string& kind, const Json& body) {
  if (kind == "hello") return RemoteHello{body.at("protocol"), body.at("version")};
  if (kind == "task")
    return RemoteTask{body.at("scenario"), body.at("name"), body.at("seed"), body.at("interface")};
  if (kind == "ready") return RemoteReady{body.at("frames"), body.at("digest"), body.at("mac")};
  if (kind == "send") return RemoteSend{};
  if (kind == "progress") return RemoteProgress{body.at("done")};
  if (kind == "sent") return sent_of(body);
  if (kind == "error") return RemoteFailure{body.at("what")};
  throw Json::other_error::create(501, "no message is called so", &body);
}

// By the alternatives of RemoteMessage.
constexpr std::array kKinds = {"hello", "task", "ready", "send", "progress", "sent", "error"};
static_assert(kKinds.size() == std::variant_size_v<RemoteMessage>);

}  // namespace

std::string to_line(const RemoteMessage& message) {
  const Json body = std::visit([](const auto& m) { return body_of(m); }, message);
  // What is no UTF-8 (an interface's name may be anything) must not end the sender.
  return Json{{kKinds[message.index()], body}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RemoteMessage> parse_line(const std::string& line) {
  const auto bad = [&line](const char* why) {
    return fail(fmt::format("no message of a remote sender ({}): {}", why, line.substr(0, kShown)));
  };
  try {
    const Json json = Json::parse(line);
    if (!json.is_object() || json.size() != 1) return bad("not one object");
    return message_of(json.begin().key(), json.begin().value());
  } catch (const Json::exception& error) {
    return bad(error.what());
  }
}

}  // namespace penstock

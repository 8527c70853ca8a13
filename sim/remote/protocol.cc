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

void put(Json& json, const Count& count) {
  json = count.known() ? Json(count.value) : Json(count.missing);
}

template <typename Value>
void put(Json& json, const Value& value) {
  json = value;
}

void take(const Json& json, Count& count) {
  count = json.is_string() ? Count::unknown(json.get<std::string>()) : Count(json.get<std::uint64_t>());
}

template <typename Value>
void take(const Json& json, Value& value) {
  json.get_to(value);
}

// What is in RemoteSent, by name, for both ways.
template <typename Sent, typename Field>
void for_each_field(Sent& m, Field&& field) {
  field("frames", m.report.sent.frames);
  field("bytes", m.report.sent.bytes);
  field("elapsed_ns", m.report.elapsed);
  field("asked_ns", m.report.asked);
  field("lateness_max_ns", m.report.lateness_max);
  field("refusals", m.report.refusals);
  field("missed_rate", m.report.missed_rate);
  field("redirected", m.report.redirected);
  field("refused", m.report.refused);
  field("ring_full", m.report.ring_full);
  field("tx_packets", m.device.tx_packets);
  field("tx_dropped", m.device.tx_dropped);
  field("device_sent", m.device.sent);
  field("xdp_xmit", m.device.xdp_xmit);
  field("xdp_xmit_errors", m.device.xdp_xmit_errors);
  field("host_frames", m.host_frames);
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
  Json body;
  for_each_field(m, [&](const char* name, const auto& value) { put(body[name], value); });
  return body;
}

Json body_of(const RemoteFailure& m) {
  return {{"what", m.what}};
}

RemoteSent sent_of(const Json& body) {
  RemoteSent m;
  for_each_field(m, [&](const char* name, auto& value) { take(body.at(name), value); });
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

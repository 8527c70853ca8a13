// The loop over frames and judges, and the reports.
#include "engine/classify/differential/differential.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/classify/differential/frame_report.h"
#include "engine/classify/testing/plain_model.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

bool same_payload(const penstock_payload& a, const penstock_payload& b) {
  return a.offset == b.offset && a.length == b.length && a.ip_version == b.ip_version;
}

bool agree(const Opinion& a, const Opinion& b) {
  if (a.reason != b.reason) return false;
  return !a.payload || !b.payload || same_payload(*a.payload, *b.payload);
}

std::string words(const std::string& judge, const Opinion& opinion) {
  std::string text = fmt::format("{} says {}", judge, reason_name(opinion.reason));
  if (opinion.payload && opinion.reason == PENSTOCK_TAKEN) {
    text += fmt::format(" (IPv{}, {} bytes from {})", opinion.payload->ip_version, opinion.payload->length,
                        opinion.payload->offset);
  }
  return text;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

Result<std::string> report(const DifferentialRun& run, std::uint64_t number, std::span<const std::byte> frame,
                           const std::string& opinions) {
  const std::filesystem::path pcap =
      run.outputs / fmt::format("difference-{}-{}-{}.pcap", run.policy, run.seed, number);
  if (Status s = write_pcap(pcap, frame); !s) return tl::unexpected(s.error());
  std::string command = replaced(run.command, "{policy}", run.policy);
  command = replaced(command, "{seed}", std::to_string(run.seed));
  command = replaced(command, "{number}", std::to_string(number));
  return fmt::format(
      "frame {} of seed {} under policy {}: {}\n  hex    {}\n  scapy  {}\n  pcap   {}\n  repeat {}\n", number,
      run.seed, run.policy, opinions, hex(frame), scapy_line(frame), pcap.string(), command);
}

}  // namespace

Result<DifferentialResult> run_differential(const DifferentialRun& run, std::span<const Judge> judges) {
  PENSTOCK_CHECK(judges.size() >= 2);
  FrameMutator mutator(run.target, {.seed = run.seed, .first = run.first});
  DifferentialResult result;
  std::vector<Opinion> opinions(judges.size());
  for (; result.frames < run.frames; ++result.frames) {
    const std::span<const std::byte> frame = mutator.next();
    bool all_agree = true;
    for (std::size_t i = 0; i < judges.size(); ++i) {
      Result<Opinion> opinion = judges[i].judge(frame);
      if (!opinion) return tl::unexpected(opinion.error());
      opinions[i] = *opinion;
      all_agree = all_agree && agree(opinions[0], opinions[i]);
    }
    ++result.by_reason.at(opinions[0].reason);
    if (all_agree) continue;
    if (++result.differences > DifferentialResult::kMaxReports) continue;
    std::string text;
    for (std::size_t i = 0; i < judges.size(); ++i)
      text += (i == 0 ? "" : ", ") + words(judges[i].name, opinions[i]);
    Result<std::string> made = report(run, mutator.number(), frame, text);
    if (!made) return tl::unexpected(made.error());
    result.reports.push_back(std::move(*made));
  }
  return result;
}

Judge cpp_judge(const ClassifierConfig& config) {
  auto classifier = std::make_shared<const Classifier>(*Classifier::create(config));
  return {"C++", [classifier = std::move(classifier)](std::span<const std::byte> frame) -> Result<Opinion> {
            const Verdict verdict = classifier->classify(frame);
            return Opinion{verdict.reason, verdict.payload};
          }};
}

Judge plain_judge(const ClassifierConfig& config) {
  return {"the plain model", [config](std::span<const std::byte> frame) -> Result<Opinion> {
            const Verdict verdict = plain_verdict(config, frame);
            return Opinion{verdict.reason, verdict.payload};
          }};
}

}  // namespace penstock

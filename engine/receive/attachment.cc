// Program and policy of one interface.
#include "engine/receive/attachment.h"

#include <errno.h>
#include <net/if.h>

#include <utility>

namespace penstock {

Result<std::unique_ptr<Attachment>> Attachment::open(const AttachmentConfig& config, const PortList& ports) {
  const unsigned interface_index = if_nametoindex(config.interface.c_str());
  if (interface_index == 0)
    return fail("find interface " + config.interface, errno, "`ip link` lists what there is");
  std::unique_ptr<Attachment> attachment(new Attachment(config, interface_index));
  if (config.host_policy == HostPolicy::kFollowed) {
    Result<LocalPolicyWatch> host = LocalPolicyWatch::open(interface_index, config.classifier.ipv6);
    if (!host) return tl::unexpected(host.error());
    attachment->host_.emplace(std::move(*host));
    attachment->take_policy_of_host();
  }
  const Result<Classifier> classifier = attachment->classifier_for(ports);
  if (!classifier) return tl::unexpected(classifier.error());
  Result<ReceiverProgram> program =
      ReceiverProgram::load(*classifier, config.port_map, config.loader, config.privileges);
  if (!program) return tl::unexpected(program.error());
  attachment->program_ = std::make_unique<ReceiverProgram>(std::move(*program));
  return attachment;
}

Status Attachment::attach() {
  program_->set_scope(config_.scope);
  net_clock_ = program_->net_clock();
  net_clock_.beat(clock_.now());
  return program_->attach(config_.filter, config_.interface, interface_index_, config_.mode);
}

void Attachment::take_policy_of_host() {
  ClassifierConfig& policy = config_.classifier;
  policy.mac = host_->current().mac;
  policy.addresses = host_->current().addresses;
  policy.ipv6_addresses = host_->current().ipv6_addresses;
}

Result<Classifier> Attachment::classifier_for(const PortList& ports) const {
  ClassifierConfig config = config_.classifier;
  config.ports = ports.ports();
  return Classifier::create(config);
}

Status Attachment::set_ports(const PortList& ports) {
  const Result<Classifier> classifier = classifier_for(ports);
  if (!classifier) return tl::unexpected(classifier.error());
  return program_->set_policy(*classifier);
}

Result<bool> Attachment::poll_host(Nanoseconds now) {
  if (!host_) return false;
  Result<bool> changed = host_->poll(now);
  if (changed && *changed) take_policy_of_host();
  return changed;
}

}  // namespace penstock

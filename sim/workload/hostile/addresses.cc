// Hostile and odd addresses: sources and destinations that Linux refuses, and some odd ones it accepts.
#include <array>

#include "sim/workload/hostile/maker.h"

namespace penstock {
namespace {

using enum Fate;

const std::array kAddresses = {
    not_delivered(kHost, "source_multicast", "source 224.0.0.5", with_ip<[](Ipv4Header& ip) {
                    ip.source = {{224, 0, 0, 5}};
                  }>),
    not_delivered(kHost, "source_broadcast", "source 255.255.255.255", with_ip<[](Ipv4Header& ip) {
                    ip.source = {{255, 255, 255, 255}};
                  }>),
    not_delivered(kHost, "source_loopback", "source 127.0.0.1", with_ip<[](Ipv4Header& ip) {
                    ip.source = {{127, 0, 0, 1}};
                  }>),
    not_delivered(kHost, "source_zero", "source 0.0.0.0", with_ip<[](Ipv4Header& ip) { ip.source = {}; }>),
    not_delivered(kHost, "own_source", "the receiver's own address as source",
                  with_ip<[](Ipv4Header& ip) { ip.source = ip.destination; }>),
    delivered(kFast, "source_this_network", "source in 0/8",
              with_ip<[](Ipv4Header& ip) { ip.source.bytes[0] = 0; }>),
    delivered(kFast, "source_reserved", "source in 240/4",
              with_ip<[](Ipv4Header& ip) { ip.source.bytes[0] = 240; }>),
    not_delivered(kHost, "destination_other_host", "an address that is not the receiver's",
                  with_ip<[](Ipv4Header& ip) {
                    ip.destination = {{203, 0, 113, 1}};
                  }>),
    not_delivered(kHost, "destination_loopback", "destination 127.0.0.1 from outside",
                  with_ip<[](Ipv4Header& ip) {
                    ip.destination = {{127, 0, 0, 1}};
                  }>),
    not_delivered(kHost, "destination_multicast", "destination 224.0.0.5", with_ip<[](Ipv4Header& ip) {
                    ip.destination = {{224, 0, 0, 5}};
                  }>),
    not_delivered(kHost, "destination_broadcast", "destination 255.255.255.255", with_ip<[](Ipv4Header& ip) {
                    ip.destination = {{255, 255, 255, 255}};
                  }>),
    not_delivered(kHost, "mac_other_station", "another station's MAC address",
                  with_ethernet<[](EthernetHeader& ethernet) { ethernet.destination.bytes[5] ^= 0x80; }>),
    delivered(kSlow, "mac_broadcast", "the broadcast MAC address",
              with_ethernet<[](EthernetHeader& ethernet) {
                ethernet.destination = {{255, 255, 255, 255, 255, 255}};
              }>),
    delivered(kSlow, "mac_multicast", "a multicast MAC address", with_ethernet<[](EthernetHeader& ethernet) {
                ethernet.destination = {{1, 0, 0x5e, 0, 0, 5}};
              }>),
};

}  // namespace

std::span<const HostileIngredient> hostile_addresses() {
  return kAddresses;
}

}  // namespace penstock

// A flow graph (flow.h) as inline SVG: nodes in columns, links as bands whose width is their count.
//
// A node keeps a visible height and a line of its own however small it is: one lost frame of a million must
// be seen. So heights are to scale only above that least height; the numbers stand beside them. Colours come
// from the page's style sheet by class; the SVG brings none of its own.
//
// Thread safety: no state.
#pragma once

#include <string>

#include "sim/report/flow.h"

namespace penstock {

// `title` is what a screen reader says of the drawing.
std::string flow_svg(const Flow& flow, const std::string& title);

}  // namespace penstock

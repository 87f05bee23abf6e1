// A line plot as an SVG of a few KB, for a README. It brings its own background, so that it can be read on a light page
// as well as on a dark one: an SVG inside <img> does not know the colours around it.
#pragma once

#include <string>
#include <vector>

struct Point {
  double x = 0;
  double y = 0;
};

struct Series {
  std::string name;
  std::vector<Point> points;
};

struct Tick {
  double value = 0;
  std::string text;
};

// It reaches from its first tick to its last.
struct Axis {
  std::string label;  // with the unit
  bool logarithmic = false;
  std::vector<Tick> ticks;  // ascending, at least two; positive if logarithmic
};

struct Plot {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Series> series;  // two at most: there are two styles of line
};

// From 0 to `highest` or a little beyond, in some five round steps.
std::vector<Tick> linear_ticks(double highest);
// The powers of ten around both. REQUIRES: 0 < lowest <= highest.
std::vector<Tick> decade_ticks(double lowest, double highest);

std::string to_svg(const Plot& plot);

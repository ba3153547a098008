instance_types = {
  route_planner_031 = "t3.large"
}

_stockistConfigCallback({"tag":"u12345","max_distance":500,"units":"mi","map_style":null,"filters":[{"id":9000,"name":"Level 1"}]});

{
 "i": [
  "dphgr720r0",
  "dpmguzw530",
  "dph4hjvs30"
 ]
}

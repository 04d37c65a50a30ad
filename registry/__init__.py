"""Who a federal register says somebody is: the NPI registry, asked or read whole, and matched.

A registration says that somebody has a provider number and which profession they registered. It is
no certificate and no proof that a licence is in force.
"""

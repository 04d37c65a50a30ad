{"stores":[]}

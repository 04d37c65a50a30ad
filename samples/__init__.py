"""A fictional world and the web servers that publish it: nobody here is real."""

"""The national hospital interface (定点医药机构接口规范): a hospital's system connects without change."""
